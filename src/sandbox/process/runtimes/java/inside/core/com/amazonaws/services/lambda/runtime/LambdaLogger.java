package com.amazonaws.services.lambda.runtime;

/** https://docs.aws.amazon.com/lambda/latest/dg/java-logging.html */
public interface LambdaLogger {
    void log(String message);

    void log(byte[] message);
}
