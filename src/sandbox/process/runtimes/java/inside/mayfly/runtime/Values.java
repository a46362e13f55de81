package mayfly.runtime;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** JSON's values to what a handler takes, and what it answers to JSON's values. */
final class Values {
    /** An answer that goes deeper refers to itself. */
    private static final int DEPTH_MAX = 500;

    private Values() {}

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Object read(Object json, Type type) {
        Class<?> raw = Types.classOf(type);
        if (raw == Optional.class) return Optional.ofNullable(json == null ? null : read(json, Types.argument(type, raw, 0)));
        if (json == null) return raw.isPrimitive() ? Array.get(Array.newInstance(raw, 1), 0) : null;
        if (raw == Object.class) return json;
        if (raw == String.class || raw == CharSequence.class) {
            if (json instanceof Map || json instanceof List) throw cannot(json, type);
            return String.valueOf(json);
        }
        if (raw == boolean.class || raw == Boolean.class) {
            if (json instanceof Boolean) return json;
            if ("true".equals(json) || "false".equals(json)) return Boolean.valueOf((String) json);
            throw cannot(json, type);
        }
        if (raw == char.class || raw == Character.class) {
            if (json instanceof String && ((String) json).length() == 1) return ((String) json).charAt(0);
            throw cannot(json, type);
        }
        if (raw.isPrimitive() || Number.class.isAssignableFrom(raw)) return number(json, raw);
        if (raw.isEnum()) return Enum.valueOf((Class) raw, String.valueOf(json));
        if (raw == byte[].class && json instanceof String) return Base64.getDecoder().decode((String) json);
        if (raw == ByteBuffer.class && json instanceof String) {
            return ByteBuffer.wrap(Base64.getDecoder().decode((String) json));
        }
        if (raw == Date.class && json instanceof Number) return new Date(((Number) json).longValue());
        if (json instanceof List) return list((List<?>) json, type, raw);
        if (json instanceof Map) {
            return Map.class.isAssignableFrom(raw) ? map((Map<?, ?>) json, type, raw) : Beans.read((Map<String, ?>) json, type);
        }
        return fromText(json, raw);
    }

    private static Object number(Object json, Class<?> raw) {
        Number number;
        try {
            number = json instanceof Number ? (Number) json : new BigDecimal((String) json);
        } catch (ClassCastException | NumberFormatException error) {
            throw cannot(json, raw);
        }
        if (raw == int.class || raw == Integer.class) return whole(number, raw, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
        if (raw == long.class || raw == Long.class) return whole(number, raw, Long.MIN_VALUE, Long.MAX_VALUE).longValue();
        if (raw == short.class || raw == Short.class) return whole(number, raw, Short.MIN_VALUE, Short.MAX_VALUE).shortValue();
        if (raw == byte.class || raw == Byte.class) return whole(number, raw, Byte.MIN_VALUE, Byte.MAX_VALUE).byteValue();
        if (raw == double.class || raw == Double.class) return number.doubleValue();
        if (raw == float.class || raw == Float.class) return number.floatValue();
        if (raw == BigDecimal.class) return new BigDecimal(String.valueOf(number));
        if (raw == BigInteger.class) return new BigDecimal(String.valueOf(number)).toBigInteger();
        if (raw == Number.class) return number;
        throw cannot(json, raw);
    }

    /** A fraction is cut off; what does not fit is refused. */
    private static BigInteger whole(Number number, Class<?> raw, long min, long max) {
        BigInteger whole = new BigDecimal(String.valueOf(number)).toBigInteger();
        boolean fits = whole.compareTo(BigInteger.valueOf(min)) >= 0 && whole.compareTo(BigInteger.valueOf(max)) <= 0;
        if (!fits) throw cannot(number, raw);
        return whole;
    }

    private static Object list(List<?> json, Type type, Class<?> raw) {
        if (raw.isArray()) {
            boolean isGeneric = type instanceof GenericArrayType;
            Type element = isGeneric ? ((GenericArrayType) type).getGenericComponentType() : raw.getComponentType();
            Object array = Array.newInstance(raw.getComponentType(), json.size());
            for (int at = 0; at < json.size(); at++) Array.set(array, at, read(json.get(at), element));
            return array;
        }
        if (!Iterable.class.isAssignableFrom(raw)) throw cannot(json, type);
        Type element = Types.argument(type, Iterable.class, 0);
        Collection<Object> collection = collection(raw);
        for (Object one : json) collection.add(read(one, element));
        return collection;
    }

    @SuppressWarnings("unchecked")
    private static Collection<Object> collection(Class<?> raw) {
        if (!Modifier.isAbstract(raw.getModifiers())) return (Collection<Object>) Beans.make(raw);
        if (raw.isAssignableFrom(ArrayList.class)) return new ArrayList<>();
        if (SortedSet.class.isAssignableFrom(raw) && raw.isAssignableFrom(TreeSet.class)) return new TreeSet<>();
        if (raw.isAssignableFrom(LinkedHashSet.class)) return new LinkedHashSet<>();
        if (raw.isAssignableFrom(ArrayDeque.class)) return new ArrayDeque<>();
        throw new IllegalArgumentException("Cannot construct instance of `" + raw.getName() + "`");
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object map(Map<?, ?> json, Type type, Class<?> raw) {
        Type key = Types.argument(type, Map.class, 0);
        Type value = Types.argument(type, Map.class, 1);
        Map<Object, Object> map;
        if (raw == EnumMap.class) map = new EnumMap(Types.classOf(key));
        else if (!Modifier.isAbstract(raw.getModifiers())) map = (Map<Object, Object>) Beans.make(raw);
        else map = SortedMap.class.isAssignableFrom(raw) ? new TreeMap<>() : new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : json.entrySet()) map.put(read(entry.getKey(), key), read(entry.getValue(), value));
        return map;
    }

    /** Times, identifiers, addresses and the like: by what their class itself has for it. */
    private static Object fromText(Object json, Class<?> raw) {
        String text = String.valueOf(json);
        for (String name : new String[] {"parse", "fromString", "valueOf", "create", "of"}) {
            for (Class<?> parameter : new Class<?>[] {String.class, CharSequence.class}) {
                try {
                    Method method = raw.getMethod(name, parameter);
                    if (Modifier.isStatic(method.getModifiers()) && raw.isAssignableFrom(method.getReturnType())) {
                        return method.invoke(null, text);
                    }
                } catch (NoSuchMethodException | IllegalAccessException absent) {
                    // The next one, then.
                } catch (InvocationTargetException refused) {
                    throw new IllegalArgumentException(cannot(json, raw).getMessage(), refused.getCause());
                }
            }
        }
        try {
            Constructor<?> constructor = raw.getConstructor(String.class);
            return constructor.newInstance(text);
        } catch (ReflectiveOperationException absent) {
            throw cannot(json, raw);
        }
    }

    private static IllegalArgumentException cannot(Object json, Type type) {
        String kind = json.getClass().getSimpleName() + " " + json;
        if (json instanceof Map) kind = "Object value";
        if (json instanceof List) kind = "Array value";
        return new IllegalArgumentException("Cannot deserialize value of type `" + type.getTypeName() + "` from " + kind);
    }

    /** Maps, lists and what JSON has of its own; what refers to itself is refused. */
    static Object plain(Object value) {
        return plain(value, 0);
    }

    static Object plain(Object value, int depth) {
        if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) return value;
        if (depth > DEPTH_MAX) {
            throw new IllegalArgumentException("it is nested more than " + DEPTH_MAX + " deep, or refers to itself");
        }
        if (value instanceof Map) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                map.put(String.valueOf(entry.getKey()), plain(entry.getValue(), depth + 1));
            }
            return map;
        }
        if (value instanceof Iterable && !(value instanceof java.nio.file.Path)) {
            List<Object> list = new ArrayList<>();
            for (Object one : (Iterable<?>) value) list.add(plain(one, depth + 1));
            return list;
        }
        if (value instanceof byte[]) return Base64.getEncoder().encodeToString((byte[]) value);
        if (value instanceof char[]) return new String((char[]) value);
        if (value.getClass().isArray()) {
            List<Object> list = new ArrayList<>();
            for (int at = 0; at < Array.getLength(value); at++) list.add(plain(Array.get(value, at), depth + 1));
            return list;
        }
        if (value instanceof Optional) return plain(((Optional<?>) value).orElse(null), depth);
        if (value instanceof Enum) return ((Enum<?>) value).name();
        if (value instanceof Date) return ((Date) value).getTime();
        String name = value.getClass().getName();
        // What Java has of its own says best itself what it is.
        if (value instanceof CharSequence || name.startsWith("java.") || name.startsWith("org.joda.time.")) {
            return value.toString();
        }
        return Beans.plain(value, depth);
    }
}
