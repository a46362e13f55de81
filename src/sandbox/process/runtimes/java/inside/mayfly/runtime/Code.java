package mayfly.runtime;

import java.io.File;
import java.lang.reflect.Field;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The function's classes: of the bundle, of its `lib/`, of layers. A class loader of their own, in which our runtime is
 * not seen. https://docs.aws.amazon.com/lambda/latest/dg/java-package.html
 */
final class Code {
    static final String PACKAGE = "com.amazonaws.services.lambda.runtime.";

    private final FunctionClasses loader;

    private Code(FunctionClasses loader) {
        this.loader = loader;
    }

    /**
     * `core`: Lambda's interfaces, for functions that do not bring them. `pack`: classes of this very code that were found before;
     * null: none. `records`: it is to be known which are found now.
     */
    static Code of(File root, File layers, File core, Pack pack, boolean records) throws MalformedURLException {
        List<URL> places = new ArrayList<>();
        places.add(root.toURI().toURL());
        for (File folder : new File[] {new File(root, "lib"), root, new File(layers, "lib")}) addJars(places, folder);
        places.add(core.toURI().toURL());
        ClassLoader platform = ClassLoader.getSystemClassLoader().getParent();
        return new Code(new FunctionClasses(places.toArray(new URL[0]), platform, pack, records));
    }

    private static void addJars(List<URL> places, File folder) throws MalformedURLException {
        File[] jars = folder.listFiles((in, name) -> name.endsWith(".jar"));
        if (jars == null) return;
        Arrays.sort(jars);
        for (File jar : jars) places.add(jar.toURI().toURL());
    }

    FunctionClasses loader() {
        return loader;
    }

    /** One of Lambda's own interfaces. */
    Class<?> interfaceOf(String name) throws ClassNotFoundException {
        return loader.loadClass(PACKAGE + name);
    }

    Class<?> find(String name) throws ClassNotFoundException {
        return Class.forName(name, true, loader);
    }

    /** What `LambdaRuntime.getLogger()` gives, where the function brings a library that has it. */
    void provideLogger(Channel channel) {
        try {
            Field logger = loader.loadClass(PACKAGE + "LambdaRuntime").getDeclaredField("logger");
            logger.setAccessible(true);
            logger.set(null, Contexts.logger(this, new LogRecords(channel, null)));
        } catch (ReflectiveOperationException absent) {
            // An older library without it, or one that keeps it elsewhere: its own default prints.
        }
    }
}
