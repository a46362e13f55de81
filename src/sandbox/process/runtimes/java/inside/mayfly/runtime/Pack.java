package mayfly.runtime;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.CodeSigner;
import java.security.CodeSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes of classes in one file, where each is from, and what their packages say of themselves:
 *
 *     the classes' bytes | sources, packages, classes | u32 length of those three
 */
final class Pack {
    /** Of a package: specification and implementation, each its title, version and vendor. */
    private static final int ABOUT = 6;

    private final Map<String, Entry> classes;
    /** Those that are yet to be defined. */
    private final Map<String, String[]> packages;

    private Pack(Map<String, Entry> classes, Map<String, String[]> packages) {
        this.classes = classes;
        this.packages = packages;
    }

    static final class Entry {
        private final ByteBuffer bytes;
        private final CodeSource source;

        private Entry(ByteBuffer bytes, CodeSource source) {
            this.bytes = bytes;
            this.source = source;
        }

        ByteBuffer bytes() {
            return bytes;
        }

        CodeSource source() {
            return source;
        }
    }

    /** Null: there is none, or it is not one. */
    static Pack open(File file) {
        if (!file.exists()) return null;
        try (RandomAccessFile opened = new RandomAccessFile(file, "r")) {
            // Shared with all others of the version, and no part of the heap.
            return read(opened.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, opened.length()));
        } catch (IOException | RuntimeException damaged) {
            return null;
        }
    }

    private static Pack read(ByteBuffer all) throws IOException {
        int end = all.limit() - 4;
        byte[] table = new byte[all.getInt(end)];
        ByteBuffer at = all.duplicate();
        at.position(end - table.length);
        at.get(table);
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(table));
        CodeSource[] sources = new CodeSource[in.readInt()];
        for (int n = 0; n < sources.length; n++) sources[n] = new CodeSource(new URL(in.readUTF()), (CodeSigner[]) null);
        Map<String, String[]> packages = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String[] about = new String[ABOUT];
            packages.put(in.readUTF(), about);
            for (int n = 0; n < ABOUT; n++) if (in.readBoolean()) about[n] = in.readUTF();
        }
        Map<String, Entry> classes = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = in.readUTF();
            ByteBuffer own = all.duplicate();
            own.position(in.readInt());
            own.limit(own.position() + in.readInt());
            classes.put(name, new Entry(own, sources[in.readInt()]));
        }
        return new Pack(classes, packages);
    }

    Entry find(String name) {
        return classes.get(name);
    }

    /** Once; null: it is defined, or was in no manifest. */
    synchronized String[] takePackage(String name) {
        return packages.remove(name);
    }

    /** Of classes that this loader has found. Not of those that are signed, or in a sealed package: what that asks is not kept. */
    static void write(File file, FunctionClasses loader, List<String> names) throws IOException {
        Map<String, Integer> sources = new LinkedHashMap<>();
        Map<String, Package> packages = new LinkedHashMap<>();
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        DataOutputStream classes = new DataOutputStream(table);
        int count = 0;
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(file)))) {
            for (String name : names) {
                CodeSource source = sourceOf(name, loader);
                byte[] bytes = source == null ? null : bytesOf(name, loader);
                if (bytes == null) continue;
                classes.writeUTF(name);
                classes.writeInt(out.size());
                classes.writeInt(bytes.length);
                String location = source.getLocation().toString();
                if (!sources.containsKey(location)) sources.put(location, sources.size());
                classes.writeInt(sources.get(location));
                Package own = typeOf(name, loader).getPackage();
                if (own != null && !own.getName().isEmpty()) packages.put(own.getName(), own);
                out.write(bytes);
                count += 1;
            }
            int before = out.size();
            out.writeInt(sources.size());
            for (String location : sources.keySet()) out.writeUTF(location);
            out.writeInt(packages.size());
            for (Package one : packages.values()) {
                out.writeUTF(one.getName());
                for (String text : about(one)) {
                    out.writeBoolean(text != null);
                    if (text != null) out.writeUTF(text);
                }
            }
            out.writeInt(count);
            table.writeTo(out);
            out.writeInt(out.size() - before);
        }
    }

    private static String[] about(Package one) {
        return new String[] {
            one.getSpecificationTitle(), one.getSpecificationVersion(), one.getSpecificationVendor(),
            one.getImplementationTitle(), one.getImplementationVersion(), one.getImplementationVendor()
        };
    }

    private static Class<?> typeOf(String name, FunctionClasses loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError unusable) {
            return null;
        }
    }

    /** Null: it is not kept. */
    private static CodeSource sourceOf(String name, FunctionClasses loader) {
        Class<?> type = typeOf(name, loader);
        CodeSource source = type == null ? null : type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null || source.getCodeSigners() != null) return null;
        return type.getPackage() != null && type.getPackage().isSealed() ? null : source;
    }

    private static byte[] bytesOf(String name, FunctionClasses loader) throws IOException {
        URL place = loader.findResource(name.replace('.', '/') + ".class");
        if (place == null) return null;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] piece = new byte[8192];
        try (InputStream in = place.openStream()) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) bytes.write(piece, 0, count);
        }
        return bytes.toByteArray();
    }
}
