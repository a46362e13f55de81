package mayfly.runtime;

import java.util.Collections;
import java.util.Map;

/** One event and what its context says. */
final class Invocation {
    final String requestId;
    final String arn;
    final String traceId;
    final String clientContext;
    final long deadlineMs;
    final byte[] event;
    /** Its answer must have it. */
    final byte[] number;

    /** For a context that nobody sees. */
    static final Invocation NONE = new Invocation(Collections.singletonMap("deadlineMs", 0), new byte[0], new byte[4]);

    private Invocation(Map<?, ?> head, byte[] event, byte[] number) {
        requestId = (String) head.get("requestId");
        arn = (String) head.get("arn");
        traceId = (String) head.get("traceId");
        clientContext = (String) head.get("clientContext");
        Object timeoutMs = head.get("timeoutMs");
        // Of one that was handed over ahead, the time begins now.
        deadlineMs =
            timeoutMs == null
                ? ((Number) head.get("deadlineMs")).longValue()
                : System.currentTimeMillis() + ((Number) timeoutMs).longValue();
        this.event = event;
        this.number = number;
    }

    static Invocation of(Channel.Frame frame) {
        int headBytes = frame.number(4);
        Map<?, ?> head = (Map<?, ?>) Json.parse(frame.text(8, headBytes));
        return new Invocation(head, frame.bytes(8 + headBytes), frame.bytes(0, 4));
    }
}
