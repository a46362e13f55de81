package mayfly.runtime;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON text, and `Map`, `List`, `String`, `Number`, `Boolean` and null. https://www.rfc-editor.org/rfc/rfc8259 */
final class Json {
    /** As deep as Jackson goes, which reads the events on Lambda. */
    private static final int DEPTH_MAX = 1_000;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.at < text.length()) throw json.wrong();
        return value;
    }

    private Object value() {
        space();
        if (at >= text.length()) throw wrong();
        switch (text.charAt(at)) {
            case '{':
                return object();
            case '[':
                return list();
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> map = new LinkedHashMap<>();
        enter();
        if (next('}')) return leave(map);
        do {
            space();
            String key = string();
            space();
            expect(':');
            map.put(key, value());
            space();
        } while (skip(','));
        expect('}');
        return leave(map);
    }

    private List<Object> list() {
        List<Object> list = new ArrayList<>();
        enter();
        if (next(']')) return leave(list);
        do {
            list.add(value());
            space();
        } while (skip(','));
        expect(']');
        return leave(list);
    }

    private void enter() {
        at++;
        if (++depth > DEPTH_MAX) {
            throw new IllegalArgumentException("it is nested more than " + DEPTH_MAX + " deep");
        }
    }

    private <T> T leave(T value) {
        depth--;
        return value;
    }

    private boolean next(char character) {
        space();
        return skip(character);
    }

    private boolean skip(char character) {
        if (at >= text.length() || text.charAt(at) != character) return false;
        at++;
        return true;
    }

    private void expect(char character) {
        if (!skip(character)) throw wrong();
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) throw wrong();
        at += word.length();
        return value;
    }

    private String string() {
        expect('"');
        int from = at;
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\') at++;
        if (skip('"')) return text.substring(from, at - 1);
        StringBuilder built = new StringBuilder(text.substring(from, at));
        while (at < text.length()) {
            char character = text.charAt(at++);
            if (character == '"') return built.toString();
            built.append(character == '\\' ? escaped() : character);
        }
        throw wrong();
    }

    private char escaped() {
        if (at >= text.length()) throw wrong();
        char character = text.charAt(at++);
        int known = "\"\\/bfnrt".indexOf(character);
        if (known >= 0) return "\"\\/\b\f\n\r\t".charAt(known);
        if (character != 'u' || at + 4 > text.length()) throw wrong();
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }

    /** An `Integer` where it fits, else a `Long` or a `BigInteger`; a fraction is a `Double`. */
    private Number number() {
        int from = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) at++;
        String digits = text.substring(from, at);
        try {
            if (digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0 || digits.indexOf('E') >= 0) {
                return Double.valueOf(digits);
            }
            BigInteger whole = new BigInteger(digits);
            if (whole.bitLength() < Integer.SIZE) return whole.intValue();
            return whole.bitLength() < Long.SIZE ? (Number) whole.longValue() : whole;
        } catch (NumberFormatException error) {
            at = from;
            throw wrong();
        }
    }

    private IllegalArgumentException wrong() {
        String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new IllegalArgumentException("it is not JSON: unexpected " + found + " at " + at);
    }

    static String write(Object value) {
        StringBuilder built = new StringBuilder();
        write(value, built);
        return built.toString();
    }

    private static void write(Object value, StringBuilder built) {
        if (value instanceof Map) {
            char between = '{';
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                built.append(between);
                quote(String.valueOf(entry.getKey()), built);
                built.append(':');
                write(entry.getValue(), built);
                between = ',';
            }
            built.append(between == '{' ? "{}" : "}");
        } else if (value instanceof List) {
            char between = '[';
            for (Object one : (List<?>) value) {
                built.append(between);
                write(one, built);
                between = ',';
            }
            built.append(between == '[' ? "[]" : "]");
        } else if (value == null || value instanceof Boolean) {
            built.append(value);
        } else if (value instanceof Number && Double.isFinite(((Number) value).doubleValue())) {
            built.append(value);
        } else {
            quote(String.valueOf(value), built);
        }
    }

    private static void quote(String text, StringBuilder built) {
        built.append('"');
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            int known = "\"\\\b\f\n\r\t".indexOf(character);
            boolean alone = Character.isSurrogate(character) && !paired(text, at);
            if (known >= 0) built.append('\\').append("\"\\bfnrt".charAt(known));
            else if (character < ' ' || alone) built.append(String.format("\\u%04x", (int) character));
            else built.append(character);
        }
        built.append('"');
    }

    private static boolean paired(String text, int at) {
        if (Character.isHighSurrogate(text.charAt(at))) {
            return at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1));
        }
        return at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
}
