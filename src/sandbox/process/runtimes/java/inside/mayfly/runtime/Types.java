package mayfly.runtime;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.HashMap;
import java.util.Map;

/** What generic types stand for. */
final class Types {
    private Types() {}

    /** The arguments with which `type` implements or extends `target`; null when it does not, or does so without any. */
    static Type[] argumentsOf(Type type, Class<?> target) {
        return argumentsOf(type, target, new HashMap<>());
    }

    private static Type[] argumentsOf(Type type, Class<?> target, Map<TypeVariable<?>, Type> known) {
        Class<?> raw = classOf(type);
        Map<TypeVariable<?>, Type> bound = known;
        if (type instanceof ParameterizedType) {
            Type[] arguments = ((ParameterizedType) type).getActualTypeArguments().clone();
            bound = new HashMap<>(known);
            for (int at = 0; at < arguments.length; at++) {
                arguments[at] = filled(arguments[at], known);
                bound.put(raw.getTypeParameters()[at], arguments[at]);
            }
            if (raw == target) return arguments;
        }
        for (Type parent : raw.getGenericInterfaces()) {
            Type[] found = argumentsOf(parent, target, bound);
            if (found != null) return found;
        }
        Type parent = raw.getGenericSuperclass();
        return parent == null ? null : argumentsOf(parent, target, bound);
    }

    /** With what is known of its variables in their places. */
    private static Type filled(Type type, Map<TypeVariable<?>, Type> known) {
        if (type instanceof TypeVariable) return known.getOrDefault(type, type);
        if (!(type instanceof ParameterizedType)) return type;
        ParameterizedType generic = (ParameterizedType) type;
        Type[] arguments = generic.getActualTypeArguments().clone();
        for (int at = 0; at < arguments.length; at++) arguments[at] = filled(arguments[at], known);
        return new ParameterizedType() {
            @Override
            public Type[] getActualTypeArguments() {
                return arguments;
            }

            @Override
            public Type getRawType() {
                return generic.getRawType();
            }

            @Override
            public Type getOwnerType() {
                return generic.getOwnerType();
            }
        };
    }

    static Class<?> classOf(Type type) {
        if (type instanceof Class) return (Class<?>) type;
        if (type instanceof ParameterizedType) return classOf(((ParameterizedType) type).getRawType());
        if (type instanceof WildcardType) return classOf(((WildcardType) type).getUpperBounds()[0]);
        if (type instanceof TypeVariable) return boundOf((TypeVariable<?>) type);
        Class<?> element = classOf(((GenericArrayType) type).getGenericComponentType());
        return Array.newInstance(element, 0).getClass();
    }

    static Class<?> boundOf(TypeVariable<?> variable) {
        return classOf(variable.getBounds()[0]);
    }

    /** What stands at `at` in the arguments of a list, map or the like. */
    static Type argument(Type type, Class<?> target, int at) {
        Type[] arguments = argumentsOf(type, target);
        return arguments == null || arguments[at] instanceof TypeVariable ? Object.class : arguments[at];
    }

    /** The same, with the variables of `owner`'s class filled in: what a generic class's field is in a given use of it. */
    static Type within(Type owner, Type type) {
        if (!(owner instanceof ParameterizedType)) return type;
        Map<TypeVariable<?>, Type> known = new HashMap<>();
        TypeVariable<?>[] names = classOf(owner).getTypeParameters();
        for (int at = 0; at < names.length; at++) {
            known.put(names[at], ((ParameterizedType) owner).getActualTypeArguments()[at]);
        }
        return filled(type, known);
    }
}
