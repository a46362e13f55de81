package mayfly.runtime;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;

/**
 * Makes, of a function that has been loaded, what others of its version load faster with: the virtual machine's archive of all
 * classes that are there, and a pack of those that are the function's own. The virtual machine must have been told to record.
 */
final class Recording {
    private static final int PIECE_BYTES = 1024 * 1024;
    /** Of both files, beside the byte that each piece begins with: whoever tells more is ended. */
    private static final long BYTES_MAX = 128 * PIECE_BYTES - 256;
    private static final byte ARCHIVE = 0;
    private static final byte PACK = 1;
    /** Where the function's own files would be. */
    private static final File FOLDER = new File("/tmp");

    private Recording() {}

    static void tell(Channel channel, FunctionClasses loader) throws Exception {
        // Empty: by when it comes the platform knows how long loading took.
        channel.send(Channel.COMPILED, new byte[] {PACK});
        link(loader);
        File archive = new File(FOLDER, ".mayfly-archive");
        File pack = new File(FOLDER, ".mayfly-pack");
        Pack.write(pack, loader, loader.found());
        Method dump = Class.forName("jdk.internal.misc.CDS").getDeclaredMethod("dumpDynamicArchive", String.class);
        dump.setAccessible(true);
        dump.invoke(null, archive.getPath());
        if (archive.length() + pack.length() > BYTES_MAX) return;
        send(channel, ARCHIVE, archive);
        send(channel, PACK, pack);
    }

    /** The virtual machine leaves out what is not linked, and has no other way to ask for it without initialising, too. */
    private static void link(FunctionClasses loader) {
        List<String> names = loader.found();
        // Linking one may load others, which are then linked as well.
        for (int at = 0; at < names.size(); at++) {
            try {
                Class.forName(names.get(at), false, loader).getDeclaredConstructors();
            } catch (ClassNotFoundException | LinkageError | TypeNotPresentException lacking) {
                // It refers to something that the function does not bring, and is loaded as ever.
            }
            if (at == names.size() - 1) names = loader.found();
        }
    }

    private static void send(Channel channel, byte kind, File file) throws IOException {
        byte[] kinds = {kind};
        byte[] piece = new byte[PIECE_BYTES];
        try (InputStream in = new FileInputStream(file)) {
            for (int count = fill(in, piece); count > 0; count = fill(in, piece)) {
                channel.send(Channel.COMPILED, kinds, Arrays.copyOf(piece, count));
            }
        }
        if (!file.delete()) throw new IOException(file + " cannot be removed");
    }

    /** Pieces are counted, too, and one read may answer with less than there is. */
    private static int fill(InputStream in, byte[] piece) throws IOException {
        int filled = 0;
        for (int count = in.read(piece); count > 0; count = in.read(piece, filled, piece.length - filled)) {
            filled += count;
        }
        return filled;
    }
}
