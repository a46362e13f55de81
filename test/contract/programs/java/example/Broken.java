package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

/** It cannot be made. */
public class Broken implements RequestHandler<String, String> {
    public Broken() {
        throw new UnsupportedOperationException("what it needs is not there");
    }

    @Override
    public String handleRequest(String input, Context context) {
        return input;
    }
}
