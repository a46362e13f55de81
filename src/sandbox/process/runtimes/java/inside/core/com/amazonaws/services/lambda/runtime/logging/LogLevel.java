package com.amazonaws.services.lambda.runtime.logging;

/** https://docs.aws.amazon.com/lambda/latest/dg/java-logging.html#java-logging-advanced */
public enum LogLevel {
    UNDEFINED,
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR,
    FATAL
}
