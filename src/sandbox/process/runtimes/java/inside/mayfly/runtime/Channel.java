package mayfly.runtime;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UnsupportedEncodingException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The frames of src/sandbox/process/channel/frame.ts, on fd 3. */
final class Channel {
    static final byte INIT = 1;
    static final byte INVOKE = 2;
    static final byte RECALL = 3;
    static final byte BOOTED = 16;
    static final byte READY = 17;
    static final byte INIT_ERROR = 18;
    static final byte RESPONSE = 19;
    static final byte ERROR = 20;
    static final byte FATAL = 21;
    static final byte OUTPUT = 22;
    static final byte GAVE_BACK = 23;
    static final byte COMPILED = 29;

    /** What BOOTED says: answers have the numbers of their events. */
    static final byte NUMBERED = 1;

    private static final byte RECORD = 0;
    private static final byte STDOUT = 1;
    private static final byte STDERR = 2;

    private static final int FD = 3;
    private static final int HEADER_BYTES = 5;
    private static final int OUTPUT_BYTES_MAX = 256 * 1024;
    private static final int BUFFER_BYTES = 64 * 1024;
    /** What is printed without a line end goes as far as this before it is passed on. */
    private static final int PRINTED_BYTES = 8 * 1024;

    private final DataInputStream in;
    private final OutputStream out;

    private Channel(FileDescriptor descriptor) {
        in = new DataInputStream(new BufferedInputStream(new FileInputStream(descriptor), BUFFER_BYTES));
        out = new FileOutputStream(descriptor);
    }

    /** Java has no way to name an open file but its path, which a socket has not. */
    static Channel open() throws ReflectiveOperationException {
        FileDescriptor descriptor = new FileDescriptor();
        Field number = FileDescriptor.class.getDeclaredField("fd");
        number.setAccessible(true);
        number.setInt(descriptor, FD);
        return new Channel(descriptor);
    }

    static final class Frame {
        final byte type;
        private final byte[] payload;

        Frame(byte type, byte[] payload) {
            this.type = type;
            this.payload = payload;
        }

        int number(int at) {
            return (payload[at] & 255) << 24
                | (payload[at + 1] & 255) << 16
                | (payload[at + 2] & 255) << 8
                | payload[at + 3] & 255;
        }

        String text(int from) {
            return text(from, payload.length - from);
        }

        String text(int from, int length) {
            return new String(payload, from, length, StandardCharsets.UTF_8);
        }

        byte[] bytes(int from) {
            return bytes(from, payload.length - from);
        }

        byte[] bytes(int from, int length) {
            return Arrays.copyOfRange(payload, from, from + length);
        }
    }

    /** Whether nothing has come that waits to be received. */
    boolean isQuiet() throws IOException {
        return in.available() == 0;
    }

    /** Ends the process when the platform is gone. */
    Frame receive() throws IOException {
        try {
            byte[] payload = new byte[in.readInt()];
            byte type = in.readByte();
            in.readFully(payload);
            return new Frame(type, payload);
        } catch (EOFException gone) {
            Runtime.getRuntime().halt(0);
            throw gone;
        }
    }

    synchronized void send(byte type, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) length += part.length;
        byte[] frame = new byte[HEADER_BYTES + length];
        frame[0] = (byte) (length >> 24);
        frame[1] = (byte) (length >> 16);
        frame[2] = (byte) (length >> 8);
        frame[3] = (byte) length;
        frame[4] = type;
        int at = HEADER_BYTES;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, frame, at, part.length);
            at += part.length;
        }
        try {
            out.write(frame);
        } catch (IOException gone) {
            Runtime.getRuntime().halt(0);
        }
    }

    /** One line of the log, whatever it contains. */
    void sendRecord(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sendOutput(RECORD, bytes, 0, bytes.length);
    }

    void sendRecord(byte[] bytes) {
        sendOutput(RECORD, bytes, 0, bytes.length);
    }

    private void sendOutput(byte kind, byte[] bytes, int from, int length) {
        byte[] kinds = {kind};
        int at = from;
        do {
            int piece = Math.min(OUTPUT_BYTES_MAX, from + length - at);
            send(OUTPUT, kinds, Arrays.copyOfRange(bytes, at, at + piece));
            at += piece;
        } while (at < from + length);
    }

    /** From now on what is printed goes over the channel, in order with the answers. */
    void captureOutput() {
        System.setOut(printer(STDOUT));
        System.setErr(printer(STDERR));
    }

    void flushOutput() {
        System.out.flush();
        System.err.flush();
    }

    private PrintStream printer(final byte kind) {
        OutputStream stream = new OutputStream() {
            @Override
            public void write(int one) {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                if (length > 0) sendOutput(kind, bytes, from, length);
            }
        };
        try {
            return new PrintStream(new BufferedOutputStream(stream, PRINTED_BYTES), true, "UTF-8");
        } catch (UnsupportedEncodingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
