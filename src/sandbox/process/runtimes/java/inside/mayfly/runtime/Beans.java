package mayfly.runtime;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Objects of the function's own classes: with setters and getters, public fields, or a constructor of all fields. */
final class Beans {
    private Beans() {}

    static Object make(Class<?> type) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (InvocationTargetException failed) {
            throw new IllegalArgumentException(messageOf(type), failed.getCause());
        } catch (ReflectiveOperationException absent) {
            throw new IllegalArgumentException(messageOf(type), absent);
        }
    }

    private static String messageOf(Class<?> type) {
        return "Cannot construct instance of `" + type.getName() + "`";
    }

    /**
     * What it has no place for is left out. Where no name is the same, one is taken that differs in its case or its
     * punctuation alone: `Records`, `eventSourceARN`, `x-amz-id-2`, `detail-type`.
     */
    static Object read(Map<String, ?> json, Type type) {
        Class<?> raw = Types.classOf(type);
        Map<String, Method> setters = setters(raw);
        Map<String, Field> fields = publicFields(raw);
        boolean takesParts = setters.isEmpty() && fields.isEmpty() && !json.isEmpty();
        if (takesParts || !hasDefault(raw)) {
            Constructor<?> constructor = constructorOf(raw);
            if (constructor != null) return ofConstructor(json, type, constructor);
        }
        Object bean = make(raw);
        for (Map.Entry<String, ?> entry : json.entrySet()) {
            Method setter = find(setters, entry.getKey());
            Field field = setter == null ? find(fields, entry.getKey()) : null;
            try {
                if (setter != null) {
                    Type wanted = Types.within(type, setter.getGenericParameterTypes()[0]);
                    setter.invoke(bean, Values.read(entry.getValue(), wanted));
                } else if (field != null) {
                    field.set(bean, Values.read(entry.getValue(), Types.within(type, field.getGenericType())));
                }
            } catch (InvocationTargetException failed) {
                throw new IllegalArgumentException(entry.getKey() + " was refused by " + raw.getName(), failed.getCause());
            } catch (IllegalAccessException closed) {
                throw new IllegalArgumentException(entry.getKey() + " of " + raw.getName() + " cannot be set", closed);
            }
        }
        return bean;
    }

    private static boolean hasDefault(Class<?> raw) {
        for (Constructor<?> constructor : raw.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 0) return true;
        }
        return false;
    }

    /** The one that takes what all fields hold, in their order, as records have and Lambda's own events; null: there is none. */
    private static Constructor<?> constructorOf(Class<?> raw) {
        List<Field> fields = allFields(raw);
        Constructor<?> found = null;
        for (Constructor<?> constructor : raw.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 0 || !suits(constructor, fields, true)) continue;
            if (suits(constructor, fields, false)) return constructor;
            found = constructor;
        }
        return found;
    }

    /** `parses`: text will do, which it makes into what the field holds. */
    private static boolean suits(Constructor<?> constructor, List<Field> fields, boolean parses) {
        Class<?>[] parameters = constructor.getParameterTypes();
        if (parameters.length != fields.size()) return false;
        for (int at = 0; at < parameters.length; at++) {
            if (parameters[at] == fields.get(at).getType() || (parses && parameters[at] == String.class)) continue;
            return false;
        }
        return true;
    }

    private static Object ofConstructor(Map<String, ?> json, Type type, Constructor<?> constructor) {
        Class<?> raw = constructor.getDeclaringClass();
        List<Field> fields = allFields(raw);
        Class<?>[] parameters = constructor.getParameterTypes();
        Object[] arguments = new Object[parameters.length];
        for (int at = 0; at < arguments.length; at++) {
            Field field = fields.get(at);
            Type wanted = parameters[at] == field.getType() ? Types.within(type, field.getGenericType()) : parameters[at];
            arguments[at] = Values.read(find(json, field.getName()), wanted);
        }
        try {
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException failed) {
            throw new IllegalArgumentException(messageOf(raw), failed.getCause());
        } catch (ReflectiveOperationException closed) {
            throw new IllegalArgumentException(messageOf(raw), closed);
        }
    }

    /** Of the class above first. */
    private static List<Field> allFields(Class<?> raw) {
        if (raw == null) return new ArrayList<>();
        List<Field> fields = allFields(raw.getSuperclass());
        fields.addAll(ownFields(raw));
        return fields;
    }

    private static List<Field> ownFields(Class<?> raw) {
        List<Field> fields = new ArrayList<>();
        for (Field field : raw.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) fields.add(field);
        }
        return fields;
    }

    private static Map<String, Method> setters(Class<?> raw) {
        Map<String, Method> setters = new HashMap<>();
        for (Method method : raw.getMethods()) {
            String name = method.getName();
            if (name.length() < 4 || !name.startsWith("set") || method.getParameterCount() != 1) continue;
            if (Modifier.isStatic(method.getModifiers()) || method.isBridge()) continue;
            method.setAccessible(true);
            setters.put(property(name.substring(3)), method);
        }
        return setters;
    }

    private static Map<String, Field> publicFields(Class<?> raw) {
        Map<String, Field> fields = new LinkedHashMap<>();
        for (Field field : raw.getFields()) {
            if (Modifier.isStatic(field.getModifiers())) continue;
            field.setAccessible(true);
            fields.put(field.getName(), field);
        }
        return fields;
    }

    private static <T> T find(Map<String, ? extends T> named, String name) {
        T found = named.get(name);
        if (found != null || named.containsKey(name)) return found;
        for (Map.Entry<String, ? extends T> entry : named.entrySet()) {
            if (letters(entry.getKey()).equals(letters(name))) return entry.getValue();
        }
        return null;
    }

    private static String letters(String name) {
        StringBuilder built = new StringBuilder();
        for (char character : name.toLowerCase(Locale.ROOT).toCharArray()) {
            if (Character.isLetterOrDigit(character)) built.append(character);
        }
        return built.toString();
    }

    /** `URL` of `getURL` is `url`, as Jackson has it. */
    private static String property(String name) {
        int upper = 0;
        while (upper < name.length() && Character.isUpperCase(name.charAt(upper))) upper++;
        return name.substring(0, upper).toLowerCase(Locale.ROOT) + name.substring(upper);
    }

    /** Fields first, in their order, then what only getters tell. */
    static Object plain(Object bean, int depth) {
        Class<?> raw = bean.getClass();
        Map<String, Method> getters = getters(raw);
        Map<String, Object> plain = new LinkedHashMap<>();
        try {
            for (Class<?> at = raw; at != null && at != Object.class; at = at.getSuperclass()) {
                for (Field field : ownFields(at)) {
                    String name = field.getName();
                    Method getter = getters.remove(name);
                    if (getter != null) plain.put(name, Values.plain(getter.invoke(bean), depth + 1));
                    else if (Modifier.isPublic(field.getModifiers())) {
                        field.setAccessible(true);
                        plain.put(name, Values.plain(field.get(bean), depth + 1));
                    }
                }
            }
            for (Map.Entry<String, Method> getter : getters.entrySet()) {
                plain.put(getter.getKey(), Values.plain(getter.getValue().invoke(bean), depth + 1));
            }
        } catch (InvocationTargetException failed) {
            throw new IllegalArgumentException("a getter of " + raw.getName() + " failed", failed.getCause());
        } catch (IllegalAccessException closed) {
            throw new IllegalArgumentException(raw.getName() + " cannot be read", closed);
        }
        return plain;
    }

    private static Map<String, Method> getters(Class<?> raw) {
        Map<String, Method> getters = new TreeMap<>();
        for (Method method : raw.getMethods()) {
            if (method.getParameterCount() > 0 || Modifier.isStatic(method.getModifiers()) || method.isBridge()) continue;
            if (method.getDeclaringClass() == Object.class || method.getReturnType() == void.class) continue;
            String name = nameOf(method, raw);
            if (name == null) continue;
            method.setAccessible(true);
            getters.put(name, method);
        }
        return getters;
    }

    private static String nameOf(Method method, Class<?> raw) {
        String name = method.getName();
        if (name.startsWith("get") && name.length() > 3) return property(name.substring(3));
        if (name.startsWith("is") && name.length() > 2 && method.getReturnType() == boolean.class) {
            return property(name.substring(2));
        }
        // A record's parts are called what they are. Its class is known only since Java 16.
        boolean isRecord = raw.getSuperclass() != null && raw.getSuperclass().getName().equals("java.lang.Record");
        if (!isRecord) return null;
        for (Field field : ownFields(raw)) if (field.getName().equals(name)) return name;
        return null;
    }
}
