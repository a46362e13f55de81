package mayfly.runtime;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * What a handler's name means: `Class` with one of Lambda's interfaces, or `Class::method`.
 * https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html, with the messages of Lambda's own runtime. As there, a
 * class or method that is not there is told by each invocation; only code that fails while it is loaded fails the init.
 */
abstract class Handler {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.UTF_8);
    /** Lambda's name for a fault that has no exception. */
    private static final String BAD_CODE = "Function.BadFunctionCode";

    /** The answer's bytes. */
    abstract byte[] call(Invocation invocation) throws Throwable;

    static Handler load(String name, Code code, Channel channel) throws Throwable {
        int colons = name.lastIndexOf("::");
        String className = colons < 0 ? name : name.substring(0, colons);
        String methodName = colons < 0 ? null : name.substring(colons + 2);
        if (className.isEmpty() || (methodName != null && methodName.isEmpty())) {
            return failing(new Fault(BAD_CODE, "Invalid handler: `" + name + "'"));
        }
        try {
            Class<?> type = code.find(className);
            return methodName == null ? ofInterface(type, code, channel) : ofMethod(type, methodName, code, channel);
        } catch (Fault fault) {
            return failing(fault);
        } catch (ClassNotFoundException absent) {
            return failing(new Fault(absent.getClass().getName(), "Class not found: " + className));
        } catch (NoClassDefFoundError lacking) {
            String message = lacking.getMessage() == null ? "" : ": " + lacking.getMessage();
            return failing(new Fault(lacking.getClass().getName(), "Error loading class " + className + message));
        } catch (ExceptionInInitializerError failed) {
            String message = failed.getMessage() == null ? "" : ": " + failed.getMessage();
            throw new Fault(failed.getClass().getName(), "Error loading class " + className + message, failed.getCause());
        }
    }

    private static Handler failing(Fault fault) {
        return new Handler() {
            @Override
            byte[] call(Invocation invocation) {
                throw fault;
            }
        };
    }

    private static Handler ofInterface(Class<?> type, Code code, Channel channel) throws Throwable {
        Class<?> context = code.interfaceOf("Context");
        Class<?> streams = code.interfaceOf("RequestStreamHandler");
        Class<?> objects = code.interfaceOf("RequestHandler");
        if (streams.isAssignableFrom(type)) {
            Method method = streams.getMethod("handleRequest", InputStream.class, OutputStream.class, context);
            return new Call(method, instanceOf(type), code, channel, context);
        }
        if (!objects.isAssignableFrom(type)) {
            throw new Fault(
                BAD_CODE, "Class does not implement an appropriate handler interface: " + type.getName());
        }
        Type[] types = Types.argumentsOf(type, objects);
        if (types == null) {
            throw new Fault(
                BAD_CODE,
                "Class " + type.getName() + " does not implement RequestHandler with concrete type parameters");
        }
        for (Type one : types) {
            if (one instanceof TypeVariable && Types.boundOf((TypeVariable<?>) one) == Object.class) {
                throw new Fault(
                    BAD_CODE,
                    "Class " + type.getName() + " does not implement RequestHandler with concrete type parameters: parameter "
                        + one + " has no upper bound.");
            }
        }
        Method method = objects.getMethod("handleRequest", Object.class, context);
        return new Call(method, instanceOf(type), code, channel, context).withTypes(types[0], types[1]);
    }

    private static Handler ofMethod(Class<?> type, String name, Code code, Channel channel) throws Throwable {
        Class<?> context = code.interfaceOf("Context");
        Method[] named =
            Arrays.stream(type.getMethods()).filter((one) -> one.getName().equals(name)).toArray(Method[]::new);
        // No bridges where there is what they lead to; then long signatures before short ones, a context counting twice.
        Arrays.sort(
            named,
            Comparator.comparing(Method::isBridge).thenComparing((Method one) -> -weight(one, context)));
        for (Method method : named) {
            if (!suits(method.getParameterTypes(), context)) continue;
            method.setAccessible(true);
            Object self = Modifier.isStatic(method.getModifiers()) ? null : instanceOf(type);
            return new Call(method, self, code, channel, context);
        }
        throw new Fault(
            BAD_CODE,
            "No public method named " + name + " with appropriate method signature found on class " + type.getName());
    }

    private static int weight(Method method, Class<?> context) {
        Class<?>[] types = method.getParameterTypes();
        return types.length + (types.length > 0 && types[types.length - 1] == context ? 1 : 0);
    }

    /** Whether it is (input), (input, output) of streams, or (anything), each with a context behind or without. */
    private static boolean suits(Class<?>[] types, Class<?> context) {
        int count = types.length > 0 && types[types.length - 1] == context ? types.length - 1 : types.length;
        for (int at = 0; at < count; at++) if (types[at] == context) return false;
        return count < 2 || (count == 2 && types[0] == InputStream.class && types[1] == OutputStream.class);
    }

    private static Object instanceOf(Class<?> type) throws Throwable {
        Constructor<?> constructor;
        try {
            constructor = type.getConstructor();
        } catch (NoSuchMethodException absent) {
            boolean inner = type.getEnclosingClass() != null && !Modifier.isStatic(type.getModifiers());
            throw new Fault(
                "java.lang.Exception",
                "Class " + type.getName()
                    + (inner
                        ? " cannot be instantiated because it is a non-static inner class"
                        : " has no public zero-argument constructor"));
        }
        constructor.setAccessible(true);
        try {
            return constructor.newInstance();
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
    }

    /** A method of the function's, with whichever of input, output and context it wants. */
    private static final class Call extends Handler {
        private final Method method;
        private final Object self;
        private final Code code;
        private final Channel channel;
        private final Class<?> context;
        private Type[] parameters;
        private Type result;
        private boolean streams;

        Call(Method method, Object self, Code code, Channel channel, Class<?> context) {
            this.method = method;
            this.self = self;
            this.code = code;
            this.channel = channel;
            this.context = context;
            parameters = method.getGenericParameterTypes();
            result = method.getGenericReturnType();
            for (Type type : parameters) streams |= type == InputStream.class || type == OutputStream.class;
        }

        /** Of an interface's method, whose own types say nothing. */
        Call withTypes(Type input, Type output) {
            parameters = new Type[] {input, context};
            result = output;
            return this;
        }

        @Override
        byte[] call(Invocation invocation) throws Throwable {
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            boolean writes = false;
            Object[] arguments = new Object[parameters.length];
            for (int at = 0; at < arguments.length; at++) {
                Type type = parameters[at];
                if (type == context) arguments[at] = Contexts.context(code, channel, invocation);
                else if (type == InputStream.class) arguments[at] = new ByteArrayInputStream(invocation.event);
                else if (type == OutputStream.class) {
                    arguments[at] = output;
                    writes = true;
                } else arguments[at] = read(invocation.event, type);
            }
            Object answer;
            try {
                answer = method.invoke(self, arguments);
            } catch (InvocationTargetException failed) {
                throw failed.getCause();
            }
            if (writes) return output.toByteArray();
            return streams || result == void.class || result == Void.class ? NULL : written(answer);
        }

        private static Object read(byte[] event, Type type) {
            try {
                return Values.read(Json.parse(new String(event, StandardCharsets.UTF_8)), type);
            } catch (RuntimeException | StackOverflowError error) {
                throw new RuntimeException("An error occurred during JSON parsing", error);
            }
        }

        private static byte[] written(Object answer) {
            try {
                return Json.write(Values.plain(answer)).getBytes(StandardCharsets.UTF_8);
            } catch (RuntimeException | StackOverflowError error) {
                throw new RuntimeException("An error occurred during JSON serialization of response", error);
            }
        }
    }
}
