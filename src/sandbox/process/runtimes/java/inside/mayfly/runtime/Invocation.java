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

    /** For a context that nobody sees. */
    static final Invocation NONE = new Invocation(Collections.singletonMap("deadlineMs", 0), new byte[0]);

    private Invocation(Map<?, ?> head, byte[] event) {
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
    }

    static Invocation of(Channel.Frame frame) {
        int headBytes = frame.number(0);
        Map<?, ?> head = (Map<?, ?>) Json.parse(frame.text(4, headBytes));
        return new Invocation(head, frame.bytes(4 + headBytes));
    }
}
