package dev.tallyman.engine;

import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The client's end of a session: it asks for the connection, then answers calls on it, as well or as badly as a test's script says. */
final class KitClient implements AutoCloseable {
  private static final int PREFIX_BYTES = 5;

  private final UpgradedConnection connection;
  private final Script script;

  /** What a client answers. On the event loop: nothing may block. */
  interface Script {
    /** @param path of the call, e.g. {@code /moby.filesync.v1.FileSync/DiffCopy} */
    void begun(Call call, String path, Http2Headers headers);

    void message(Call call, byte[] message);

    /** The server sends no more messages. */
    default void ended(Call call) {}
  }

  /** One call of the server. */
  static final class Call {
    private final Channel stream;

    private Call(Channel stream) {
      this.stream = stream;
    }

    void send(ProtoWriter message) {
      byte[] bytes = message.toBytes();
      raw(Unpooled.buffer().writeByte(0).writeInt(bytes.length).writeBytes(bytes));
    }

    /** Bytes that need not be a message. */
    void raw(ByteBuf bytes) {
      stream.writeAndFlush(new DefaultHttp2DataFrame(bytes, false));
    }

    void end(int code) {
      stream.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().set("grpc-status", String.valueOf(code)).set("grpc-message", "as%20scripted"), true));
    }

    void hangUp() {
      stream.parent().close();
    }
  }

  /** @param port of the server; @param headers of the request, each with its line's end */
  KitClient(int port, String headers, Script script) throws Exception {
    this.script = script;
    connection =
        new UpgradedConnection(
            port, "/session", headers, () -> new ChannelHandler[] {Http2FrameCodecBuilder.forServer().build(), new Http2MultiplexHandler(new Calls())});
  }

  /** Of the answer; 101 when the connection is a session. */
  int status() throws Exception {
    return connection.status();
  }

  boolean isOpen() {
    return connection.channel.isActive();
  }

  @Override
  public void close() {
    connection.close();
  }

  private final class Calls extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      stream.pipeline().addLast(new Answering(new Call(stream)));
    }
  }

  private final class Answering extends ChannelInboundHandlerAdapter {
    private final Call call;
    private final ByteBuf part = Unpooled.buffer();

    Answering(Call call) {
      this.call = call;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof Http2HeadersFrame head) {
        context.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200").set("content-type", "application/grpc")));
        script.begun(call, String.valueOf(head.headers().path()), head.headers());
      } else if (message instanceof Http2DataFrame data) {
        part.writeBytes(data.content());
        while (part.readableBytes() >= PREFIX_BYTES && part.readableBytes() >= PREFIX_BYTES + part.getInt(part.readerIndex() + 1)) {
          part.skipBytes(1);
          byte[] bytes = new byte[part.readInt()];
          part.readBytes(bytes);
          script.message(call, bytes);
        }
        if (data.isEndStream()) {
          script.ended(call);
        }
      }
      ReferenceCountUtil.release(message);
    }
  }

  /** The files of a build: those of the folder that is asked for, then the bytes of each that is wanted. */
  static class Files implements Script {
    static final int STAT = 0;
    static final int REQUEST = 1;
    static final int DATA = 2;
    static final int FIN = 3;

    private final String dockerfile;
    private final List<ProtoWriter> context;

    /** @param context what is told of the context's files; each has the bytes {@code bytes} */
    Files(String dockerfile, List<ProtoWriter> context) {
      this.dockerfile = dockerfile;
      this.context = context;
    }

    static ProtoWriter file(String path, long size) {
      return stat(path, 0644, size);
    }

    static ProtoWriter stat(String path, long mode, long size) {
      return new ProtoWriter().text(1, path).number(2, mode).number(5, size);
    }

    private boolean isDockerfile;

    @Override
    public void begun(Call call, String path, Http2Headers headers) {
      if (!path.equals("/moby.filesync.v1.FileSync/DiffCopy")) {
        call.end(12);
        return;
      }
      isDockerfile = String.valueOf(headers.get("dir-name")).equals("dockerfile");
      boolean isIgnore = !isDockerfile && ".dockerignore".contentEquals(String.valueOf(headers.get("followpaths")));
      List<ProtoWriter> told = isDockerfile ? List.of(file("Dockerfile", dockerfile.length())) : isIgnore ? List.of() : context;
      told.forEach(each -> call.send(new ProtoWriter().number(1, STAT).message(2, each)));
      call.send(new ProtoWriter().number(1, STAT));
    }

    byte[] bytes(int id) {
      return "bytes".getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void message(Call call, byte[] message) {
      try {
        ProtoReader reader = new ProtoReader(message);
        int type = 0;
        int id = 0;
        for (int field = reader.next(); field != 0; field = reader.next()) {
          switch (field) {
            case 1 -> type = (int) reader.number();
            case 3 -> id = (int) reader.number();
            default -> reader.skip();
          }
        }
        if (type == REQUEST) {
          wanted(call, id, isDockerfile ? dockerfile.getBytes(StandardCharsets.UTF_8) : bytes(id));
        } else if (type == FIN) {
          call.send(new ProtoWriter().number(1, FIN));
          call.end(0);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void wanted(Call call, int id, byte[] bytes) {
      call.send(new ProtoWriter().number(1, DATA).number(3, id).bytes(4, bytes));
      call.send(new ProtoWriter().number(1, DATA).number(3, id));
    }
  }
}
