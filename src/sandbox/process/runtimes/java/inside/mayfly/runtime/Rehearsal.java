package mayfly.runtime;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Goes through what every start and first invocation need, so that the classes of it can be kept in an archive. */
final class Rehearsal {
    private Rehearsal() {}

    /** A handler's shapes, in small. */
    public static final class Event {
        private String name;
        private List<Integer> numbers;

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public List<Integer> getNumbers() {
            return numbers;
        }

        public void setNumbers(List<Integer> numbers) {
            this.numbers = numbers;
        }
    }

    public static Event handle(Event event, Map<String, List<Double>> more) {
        return event;
    }

    static void run() throws ReflectiveOperationException {
        String text = "{\"name\":\"\\u00e4\",\"numbers\":[1,2.5,null],\"more\":{\"a\":[true]}}";
        Method method = Rehearsal.class.getMethod("handle", Event.class, Map.class);
        Object event = Values.read(Json.parse(text), method.getGenericParameterTypes()[0]);
        Values.read(Json.parse("{\"a\":[1.5]}"), method.getGenericParameterTypes()[1]);
        Json.write(Values.plain(method.invoke(null, event, null)));
        Errors.forLog(new IllegalStateException("rehearsed", new RuntimeException()));
        Errors.describe(new IllegalStateException("rehearsed", new RuntimeException()));
        Variables.replace(new HashMap<>(System.getenv()));
    }
}
