package mayfly.runtime;

/** An error that has a name of Lambda's own, or none, and no stack worth showing. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final String type;

    Fault(String type, String message) {
        super(message, null, false, false);
        this.type = type;
    }
}
