package mayfly.runtime;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** Lambda's `Context` and what hangs on it, for whichever version of the interfaces the function brings. */
final class Contexts {
    private static final Map<String, String> CLIENT_KEYS = new HashMap<>();

    static {
        CLIENT_KEYS.put("getInstallationId", "installation_id");
        CLIENT_KEYS.put("getAppTitle", "app_title");
        CLIENT_KEYS.put("getAppVersionName", "app_version_name");
        CLIENT_KEYS.put("getAppVersionCode", "app_version_code");
        CLIENT_KEYS.put("getAppPackageName", "app_package_name");
    }

    private Contexts() {}

    static Object context(Code code, Channel channel, Invocation invocation) throws ClassNotFoundException {
        Object logger = logger(code, new LogRecords(channel, invocation.requestId));
        Object client = clientContext(code, invocation.clientContext);
        return proxy(code, "Context", (name, arguments) -> {
            switch (name) {
                case "getAwsRequestId":
                    return invocation.requestId;
                case "getLogGroupName":
                    return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
                case "getLogStreamName":
                    return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
                case "getFunctionName":
                    return System.getenv("AWS_LAMBDA_FUNCTION_NAME");
                case "getFunctionVersion":
                    return System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
                case "getInvokedFunctionArn":
                    return invocation.arn;
                case "getXrayTraceId":
                    return invocation.traceId;
                case "getMemoryLimitInMB":
                    return Integer.valueOf(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
                case "getRemainingTimeInMillis":
                    return (int) Math.max(0, invocation.deadlineMs - System.currentTimeMillis());
                case "getLogger":
                    return logger;
                case "getClientContext":
                    return client;
                default:
                    return null;
            }
        });
    }

    static Object logger(Code code, LogRecords records) throws ClassNotFoundException {
        return proxy(code, "LambdaLogger", (name, arguments) -> {
            if (name.equals("log")) records.log(arguments);
            return null;
        });
    }

    private static Object clientContext(Code code, String json) throws ClassNotFoundException {
        if (json == null) return null;
        Map<?, ?> values = (Map<?, ?>) Json.parse(json);
        Map<?, ?> client = (Map<?, ?>) values.get("client");
        Object clientProxy =
            client == null
                ? null
                : proxy(code, "Client", (name, arguments) -> client.get(CLIENT_KEYS.get(name)));
        return proxy(code, "ClientContext", (name, arguments) -> {
            switch (name) {
                case "getClient":
                    return clientProxy;
                case "getCustom":
                    return mapOf(values.get("custom"));
                case "getEnvironment":
                    return mapOf(values.get("env"));
                default:
                    return null;
            }
        });
    }

    private static Object mapOf(Object value) {
        return value == null ? Collections.emptyMap() : value;
    }

    private interface Answers {
        Object answer(String name, Object[] arguments);
    }

    private static Object proxy(Code code, String name, Answers answers) throws ClassNotFoundException {
        Class<?> type = code.interfaceOf(name);
        InvocationHandler handler = (Object self, Method method, Object[] arguments) -> {
            if (method.getDeclaringClass() != Object.class) return answers.answer(method.getName(), arguments);
            switch (method.getName()) {
                case "equals":
                    return self == arguments[0];
                case "hashCode":
                    return System.identityHashCode(self);
                default:
                    return "Lambda" + name;
            }
        };
        return Proxy.newProxyInstance(code.loader(), new Class<?>[] {type}, handler);
    }
}
