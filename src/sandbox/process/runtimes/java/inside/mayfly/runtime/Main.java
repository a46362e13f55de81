package mayfly.runtime;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Mayfly's Java runtime: what runs inside the sandbox, before and around the function's code.
 *
 *     booted -> init (load the code) -> ready <-> invoke -> answer
 *
 * The standard library only, for Java 8 and later; nothing here has a name of Lambda's own interfaces, which functions
 * bring with them (core/ stands in for those that do not). What opens the endpoint runs beside it (hand-over.mjs), and has ended by then.
 */
public final class Main {
    /** Lambda's own figure. */
    private static final int RESPONSE_BYTES_MAX = 6 * 1024 * 1024 + 100;
    private static final long TOOK_US_MAX = 0xFFFFFFFFL;
    private static final String TRACE_PROPERTY = "com.amazonaws.xray.traceHeader";
    /** What `Recording` has told of an environment before this one; it is there where the virtual machine was started with its archive. */
    private static final File PACK = new File("/var/archive/pack");

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("--rehearse")) {
            Channel.open();
            Rehearsal.run();
            return;
        }
        Channel channel = Channel.open();
        awaitEnd(arguments[0]);
        channel.send(Channel.BOOTED, new byte[] {Channel.NUMBERED});
        // While nothing is asked for, so that a first invocation finds all of ours loaded.
        if (channel.isQuiet()) Rehearsal.run();
        Handler handler = null;
        while (true) {
            Channel.Frame frame = channel.receive();
            switch (frame.type) {
                case Channel.INIT:
                    handler = init(channel, frame);
                    break;
                case Channel.INVOKE:
                    invoke(channel, handler, frame);
                    break;
                case Channel.RECALL:
                    // By the time it is read, everything sent before it has been answered.
                    channel.send(Channel.GAVE_BACK, new byte[4]);
                    break;
                default:
                    throw new IOException("a frame of type " + frame.type);
            }
        }
    }

    /** Of the process that opens the endpoint beside this one. The platform gives up what is not up in time. */
    private static void awaitEnd(String process) throws InterruptedException {
        File entry = new File("/proc", process);
        while (entry.exists()) Thread.sleep(1);
    }

    @SuppressWarnings("unchecked")
    private static Handler init(Channel channel, Channel.Frame frame) {
        Map<String, Object> spec = (Map<String, Object>) Json.parse(frame.text(0));
        Variables.replace((Map<String, String>) (Map<?, ?>) spec.get("variables"));
        channel.captureOutput();
        File root = new File(System.getenv("LAMBDA_TASK_ROOT"));
        boolean isForTemplate = Boolean.TRUE.equals(spec.get("template"));
        try {
            Code code = Code.of(root, new File("/opt/java"), new File("/var/runtime/core"), Pack.open(PACK), isForTemplate);
            Thread.currentThread().setContextClassLoader(code.loader());
            code.provideLogger(channel);
            Handler handler = Handler.load((String) spec.get("handler"), code, channel);
            Contexts.context(code, channel, Invocation.NONE);
            channel.flushOutput();
            if (isForTemplate && !record(channel, code)) return null;
            channel.send(Channel.READY);
            return handler;
        } catch (Throwable error) {
            report(channel, error, null);
            channel.send(Channel.INIT_ERROR, described(error));
            return null;
        }
    }

    /** What goes wrong there is no fault of the function's, and not in its log. */
    private static boolean record(Channel channel, Code code) {
        try {
            Recording.tell(channel, code.loader());
            return true;
        } catch (Exception error) {
            channel.send(Channel.INIT_ERROR, described(error));
            return false;
        }
    }

    private static void invoke(Channel channel, Handler handler, Channel.Frame frame) throws IOException {
        long since = System.nanoTime();
        Invocation invocation = Invocation.of(frame);
        if (invocation.traceId == null) System.clearProperty(TRACE_PROPERTY);
        else System.setProperty(TRACE_PROPERTY, invocation.traceId);
        byte[] answer;
        try {
            answer = handler.call(invocation);
            if (answer.length > RESPONSE_BYTES_MAX) {
                throw new Fault(
                    "Function.ResponseSizeTooLarge",
                    "Response payload size exceeded maximum allowed payload size (" + RESPONSE_BYTES_MAX + " bytes).");
            }
        } catch (Throwable error) {
            // The virtual machine itself is unwell: Lambda ends it, too.
            report(channel, error, invocation.requestId);
            if (error instanceof VirtualMachineError) channel.send(Channel.FATAL, described(error));
            else channel.send(Channel.ERROR, invocation.number, described(error));
            return;
        } finally {
            Thread.interrupted();
        }
        channel.flushOutput();
        long tookUs = Math.min((System.nanoTime() - since) / 1000, TOOK_US_MAX);
        byte[] took = {(byte) (tookUs >> 24), (byte) (tookUs >> 16), (byte) (tookUs >> 8), (byte) tookUs};
        channel.send(Channel.RESPONSE, invocation.number, took, answer);
    }

    private static void report(Channel channel, Throwable error, String requestId) {
        new LogRecords(channel, requestId).log(new Object[] {Errors.forLog(error), "ERROR"});
    }

    private static byte[] described(Throwable error) {
        return Errors.describe(error).getBytes(StandardCharsets.UTF_8);
    }
}
