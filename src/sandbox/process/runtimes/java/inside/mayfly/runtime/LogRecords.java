package mayfly.runtime;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What `LambdaLogger` writes: each call one record of the log, as it is or, where the function's logs are in JSON, as
 * an object. https://docs.aws.amazon.com/lambda/latest/dg/java-logging.html#java-logging-advanced
 */
final class LogRecords {
    private static final List<String> LEVELS = Arrays.asList("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL");

    private final Channel channel;
    private final String requestId;

    /** `requestId`: null outside of invocations. */
    LogRecords(Channel channel, String requestId) {
        this.channel = channel;
        this.requestId = requestId;
    }

    /** `arguments`: text or bytes, then perhaps a level. */
    void log(Object[] arguments) {
        String level = arguments.length > 1 ? String.valueOf(arguments[1]) : null;
        boolean asJson = "JSON".equals(System.getenv("AWS_LAMBDA_LOG_FORMAT"));
        if (asJson && isBelow(level, System.getenv("AWS_LAMBDA_LOG_LEVEL"))) return;
        channel.flushOutput();
        if (arguments[0] instanceof byte[]) {
            byte[] bytes = (byte[]) arguments[0];
            if (asJson) channel.sendRecord(json(new String(bytes, StandardCharsets.UTF_8), level));
            else channel.sendRecord(bytes);
        } else {
            String text = withoutLineEnd(String.valueOf(arguments[0]));
            channel.sendRecord(asJson ? json(text, level) : text);
        }
    }

    private String json(String message, String level) {
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        if (LEVELS.contains(level)) record.put("level", level);
        record.put("message", message);
        if (requestId != null) record.put("AWSRequestId", requestId);
        return Json.write(record);
    }

    /** What has no level is always shown. */
    private static boolean isBelow(String level, String least) {
        return LEVELS.contains(level) && LEVELS.indexOf(level) < LEVELS.indexOf(least);
    }

    /** A record is a line already. */
    private static String withoutLineEnd(String text) {
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }
}
