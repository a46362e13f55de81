package mayfly.runtime;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;

/**
 * The class loader of the function's code. Classes that the pack has are defined from it, without opening and searching jars; where
 * the virtual machine was started with an archive, it recognises their bytes and takes from there what it has made of them before.
 */
final class FunctionClasses extends URLClassLoader {
    static {
        ClassLoader.registerAsParallelCapable();
    }

    /** Null: there is none. */
    private final Pack pack;
    /** Names of what was found in jars and folders, in that order; null: they are not kept. */
    private final List<String> found;

    FunctionClasses(URL[] places, ClassLoader parent, Pack pack, boolean records) {
        super(places, parent);
        this.pack = pack;
        this.found = records ? new ArrayList<>() : null;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        Pack.Entry entry = pack == null ? null : pack.find(name);
        if (entry == null) {
            Class<?> type = super.findClass(name);
            if (found != null) synchronized (found) {
                found.add(name);
            }
            return type;
        }
        int dot = name.lastIndexOf('.');
        if (dot > 0) declarePackage(name.substring(0, dot));
        return defineClass(name, entry.bytes(), entry.source());
    }

    /** As `URLClassLoader` does by the manifest of the jar. */
    private void declarePackage(String name) {
        String[] about = pack.takePackage(name);
        if (about == null) return;
        try {
            definePackage(name, about[0], about[1], about[2], about[3], about[4], about[5], null);
        } catch (IllegalArgumentException already) {
            // By another of its classes, which was not in the pack.
        }
    }

    /** So far: finding one may lead to others. */
    List<String> found() {
        synchronized (found) {
            return new ArrayList<>(found);
        }
    }
}
