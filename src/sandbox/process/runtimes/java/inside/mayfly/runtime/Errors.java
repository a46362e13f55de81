package mayfly.runtime;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Throwables as Lambda's Java runtime reports them: `errorMessage`, `errorType`, `stackTrace`, `cause`. */
final class Errors {
    private static final int BYTES_MAX = 256 * 1024;
    // An error's message and stack are shortened to these, so that both fit in one frame.
    private static final int MESSAGE_LENGTH_MAX = 20_000;
    private static final int STACK_ENTRIES_MAX = 100;
    private static final int CAUSES_MAX = 10;
    private static final String OWN = Main.class.getPackage().getName() + ".";

    private Errors() {}

    static String describe(Throwable error) {
        String whole = Json.write(describe(error, MESSAGE_LENGTH_MAX, CAUSES_MAX));
        // In UTF-8 a character has three bytes at most, and in a JSON text six where it is escaped.
        return whole.length() * 3 <= BYTES_MAX ? whole : Json.write(describe(error, 1_000, 0));
    }

    private static Map<String, Object> describe(Throwable error, int messageMax, int causes) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("errorMessage", cut(messageOf(error), messageMax));
        described.put("errorType", error instanceof Fault ? ((Fault) error).type : error.getClass().getName());
        if (error instanceof Fault) return described;
        List<String> stack = new ArrayList<>();
        StackTraceElement[] frames = ownAway(error);
        for (int at = 0; at < frames.length && at < STACK_ENTRIES_MAX; at++) stack.add(cut(frames[at].toString(), 800));
        described.put("stackTrace", stack);
        Throwable cause = error.getCause();
        if (cause != null && causes > 0) described.put("cause", describe(cause, messageMax, causes - 1));
        return described;
    }

    /** `message: type`, and the stack as Java prints it. */
    static String forLog(Throwable error) {
        if (error instanceof Fault) {
            Throwable cause = error.getCause();
            return error.getMessage() + ": " + ((Fault) error).type + (cause == null ? "" : "\n" + forLog(cause));
        }
        for (Map.Entry<Throwable, StackTraceElement[]> entry : stacks(error).entrySet()) {
            entry.getKey().setStackTrace(entry.getValue());
        }
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        return messageOf(error) + ": " + error.getClass().getName() + "\n" + text;
    }

    private static Map<Throwable, StackTraceElement[]> stacks(Throwable error) {
        Map<Throwable, StackTraceElement[]> stacks = new IdentityHashMap<>();
        for (Throwable at = error; at != null && !stacks.containsKey(at); at = at.getCause()) stacks.put(at, ownAway(at));
        return stacks;
    }

    private static String messageOf(Throwable error) {
        try {
            String message = error.getLocalizedMessage();
            return message == null ? error.getClass().getName() : message;
        } catch (RuntimeException broken) {
            return error.getClass().getName();
        }
    }

    /** Without our frames and what led to them. */
    private static StackTraceElement[] ownAway(Throwable error) {
        StackTraceElement[] frames = error.getStackTrace();
        for (int at = 0; at < frames.length; at++) {
            if (!frames[at].getClassName().startsWith(OWN)) continue;
            int end = at;
            while (end > 0 && isReflection(frames[end - 1].getClassName())) end--;
            return Arrays.copyOf(frames, end);
        }
        return frames;
    }

    private static boolean isReflection(String className) {
        return className.startsWith("java.lang.reflect.")
            || className.startsWith("jdk.internal.reflect.")
            || className.startsWith("sun.reflect.");
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }
}
