package mayfly.runtime;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;

/** The process's environment variables, which Java reads once, when it starts: long before the function's are known. */
final class Variables {
    private Variables() {}

    /** In the map from which `System.getenv` and subprocesses take them. */
    @SuppressWarnings("unchecked")
    static void replace(Map<String, String> variables) {
        try {
            Class<?> environment = Class.forName("java.lang.ProcessEnvironment");
            Field field = environment.getDeclaredField("theEnvironment");
            field.setAccessible(true);
            Map<Object, Object> map = (Map<Object, Object>) field.get(null);
            Method name = valueOf("java.lang.ProcessEnvironment$Variable");
            Method value = valueOf("java.lang.ProcessEnvironment$Value");
            map.clear();
            for (Map.Entry<String, String> entry : variables.entrySet()) {
                map.put(name.invoke(null, entry.getKey()), value.invoke(null, entry.getValue()));
            }
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException("this Java keeps its environment variables in another way", error);
        }
    }

    private static Method valueOf(String className) throws ReflectiveOperationException {
        Method method = Class.forName(className).getMethod("valueOf", String.class);
        method.setAccessible(true);
        return method;
    }
}
