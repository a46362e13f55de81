package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.URL;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sun.misc.Unsafe;

/** Does what the event says: the same in every runtime's program. */
public class Index implements RequestHandler<Map<String, Object>, Object> {
    static {
        System.out.println("loading");
    }

    @Override
    public Object handleRequest(Map<String, Object> event, Context context) {
        try {
            return act(event, context);
        } catch (RuntimeException error) {
            throw error;
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    private static Object act(Map<String, Object> event, Context context) throws Exception {
        switch ((String) event.get("do")) {
            case "echo":
                return event;
            case "fail":
                return fail();
            case "loop":
                System.out.println("about to loop");
                while (true) {}
            case "exit":
                System.out.println("about to exit");
                System.exit(3);
                return null;
            case "remember":
                return remember();
            case "print":
                System.out.println("one");
                new ProcessBuilder("echo", "two").inheritIO().start().waitFor();
                System.out.print("three");
                return null;
            case "bad":
                List<Object> circle = new ArrayList<>();
                circle.add(circle);
                return circle;
            case "enlarge":
                return new String(new char[(Integer) event.get("bytes")]).replace('\0', 'x');
            case "context":
                return describe(context);
            case "connect":
                return read(new URL("http://127.0.0.1:4566/hello").openStream());
            default:
                throw new IllegalArgumentException("do: " + event.get("do"));
        }
    }

    private static Object fail() {
        throw new ArithmeticException("this went wrong");
    }

    /** Beside the heap, which has a bound of its own. */
    private static Object remember() throws Exception {
        Field field = Unsafe.class.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        Unsafe unsafe = (Unsafe) field.get(null);
        while (true) unsafe.setMemory(unsafe.allocateMemory(10_000_000), 10_000_000, (byte) 1);
    }

    private static Map<String, Object> describe(Context context) {
        Map<String, Object> described = new HashMap<>();
        described.put("requestId", context.getAwsRequestId());
        described.put("arn", context.getInvokedFunctionArn());
        described.put("name", context.getFunctionName());
        described.put("version", context.getFunctionVersion());
        described.put("memory", String.valueOf(context.getMemoryLimitInMB()));
        described.put("logGroup", context.getLogGroupName());
        described.put("logStream", context.getLogStreamName());
        described.put("remains", context.getRemainingTimeInMillis());
        described.put("traceId", System.getProperty("com.amazonaws.xray.traceHeader"));
        described.put("clientContext", context.getClientContext() == null ? null : context.getClientContext().getCustom());
        described.put("folder", System.getProperty("user.dir"));
        described.put("variables", System.getenv().keySet());
        described.put("greeting", System.getenv("GREETING"));
        return described;
    }

    private static String read(InputStream in) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int one = in.read(); one >= 0; one = in.read()) out.write(one);
        return out.toString("UTF-8");
    }
}
