package com.amazonaws.services.lambda.runtime;

/** Where code without a context finds the logger. The runtime sets it before any of the function's code runs. */
public final class LambdaRuntime {
    private static volatile LambdaLogger logger;

    private LambdaRuntime() {}

    public static LambdaLogger getLogger() {
        return logger;
    }
}
