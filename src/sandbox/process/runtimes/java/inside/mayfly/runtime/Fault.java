package mayfly.runtime;

/** An error that has a name of Lambda's own, or the name of one that it stands for, and no stack worth reporting. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final String type;

    Fault(String type, String message) {
        this(type, message, null);
    }

    /** `cause`: for the log alone. */
    Fault(String type, String message, Throwable cause) {
        super(message, cause, false, false);
        this.type = type;
    }
}
