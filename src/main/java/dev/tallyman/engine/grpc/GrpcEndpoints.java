package dev.tallyman.engine.grpc;

import dev.tallyman.engine.grpc.Accounts.Share;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.stream.Takeover;
import dev.tallyman.identity.Caller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Where clients of BuildKit's API come in. Each call asks for the rights that it needs. */
@Singleton
class GrpcEndpoints implements EngineEndpoints {
  private static final int MOST_CALLS = 32;
  private static final int MOST_RESETS = 400;
  private static final int RESETS_SECONDS = 30;
  /** Without a call a connection is closed after one to two of these; clients open another when they need it. */
  private static final int IDLE_MINUTES = 10;

  private final Accounts accounts;
  private final Dispatcher dispatcher;

  @Inject
  GrpcEndpoints(Accounts accounts, Dispatcher dispatcher) {
    this.accounts = accounts;
    this.dispatcher = dispatcher;
  }

  @Override
  public void register(EndpointTable table) {
    table.upgrade("POST", "/grpc", this::open);
  }

  private Answer open(Exchange exchange) throws IOException {
    TakenConnection.requireHttp2(exchange.header("Upgrade"));
    Caller caller = exchange.caller();
    Channel channel = Takeover.channel(exchange);
    Share share = accounts.open(caller);
    channel.closeFuture().addListener(closed -> accounts.close(caller));
    Takeover.run(exchange, channel, () -> install(channel, caller, share));
    return Answer.streamed();
  }

  private void install(Channel channel, Caller caller, Share share) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer().initialSettings(TakenConnection.settings().maxConcurrentStreams(MOST_CALLS))
            .decoderEnforceMaxRstFramesPerWindow(MOST_RESETS, RESETS_SECONDS).gracefulShutdownTimeoutMillis(TakenConnection.AT_ONCE).build();
    // The codec itself begins to count when the client has acknowledged the setting, which it need not do.
    codec.connection().remote().maxActiveStreams(MOST_CALLS);
    TakenConnection.install(channel, codec, new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel stream) {
        stream.pipeline().addLast(new IncomingCall(dispatcher, caller, share));
      }
    }, () -> {});
    watch(channel, codec);
  }

  private static void watch(Channel channel, Http2FrameCodec codec) {
    int[] newest = {-1};
    Future<?> look =
        channel.eventLoop().scheduleAtFixedRate(() -> {
          int before = newest[0];
          newest[0] = codec.connection().remote().lastStreamCreated();
          if (codec.connection().numActiveStreams() == 0 && newest[0] == before) {
            channel.close();
          }
        }, IDLE_MINUTES, IDLE_MINUTES, TimeUnit.MINUTES);
    channel.closeFuture().addListener(closed -> look.cancel(false));
  }
}
