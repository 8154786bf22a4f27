package dev.tutti.decoder.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/** ONNX Runtime on one device. Thread-safe. */
public final class OnnxRuntime {

  private static final Logger LOG = Logger.getLogger(OnnxRuntime.class);

  /** Where graphs run. */
  public enum Device {
    /** The processor. */
    CPU,
    /** The first NVIDIA GPU; needs the jar of profile {@code gpu}. */
    CUDA
  }

  private final Device device;

  /** Unpacks the native library, which takes a second: not before it is needed. */
  private static final class Environment {
    static final OrtEnvironment INSTANCE =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "tutti");
  }

  /**
   * A runtime.
   *
   * @param wanted falls back to the processor, with a warning, where there is no CUDA driver
   */
  public OnnxRuntime(Device wanted) {
    this.device = wanted == Device.CUDA && !hasCudaDriver() ? Device.CPU : wanted;
    if (device != wanted) {
      LOG.warn("tutti.decoder.device is cuda, but libcuda.so.1 is not there: the CPU is used.");
    }
  }

  // Without a driver addCUDA fails only after seconds.
  @SuppressWarnings("restricted")
  private static boolean hasCudaDriver() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup("libcuda.so.1", arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Where graphs run. */
  public Device device() {
    return device;
  }

  /** The library's environment. */
  OrtEnvironment environment() {
    return Environment.INSTANCE;
  }

  /**
   * Opens a graph. One thread a graph: sessions run side by side, and spinning threads of several
   * graphs would ruin each other.
   *
   * @throws ModelLoadException when the file is no graph that can run here
   */
  OrtSession open(Path file) {
    try (var options = options()) {
      return environment().createSession(file.toString(), options);
    } catch (OrtException e) {
      throw broken(file.getFileName().toString(), e);
    }
  }

  /** Opens a graph that is in memory. */
  OrtSession open(String name, byte[] graph) {
    try (var options = options()) {
      return environment().createSession(graph, options);
    } catch (OrtException e) {
      throw broken(name, e);
    }
  }

  private static ModelLoadException broken(String name, OrtException e) {
    // The library's own words name paths of this machine and its source files: for the log only.
    LOG.infof("%s cannot be opened: %s", name, e.getMessage());
    String why =
        switch (e.getCode()) {
          case ORT_INVALID_PROTOBUF, ORT_NO_MODEL -> "it is corrupt, or of another format";
          case ORT_INVALID_GRAPH -> "its nodes do not fit together";
          case ORT_NOT_IMPLEMENTED -> "it uses an operator or a type that is not known here";
          case ORT_NO_SUCHFILE -> "a file that it refers to is missing";
          default -> "the runtime refuses it; the log of decoder-service says why";
        };
    return new ModelLoadException(
        "%s is no ONNX graph that can run here: %s.".formatted(name, why), e);
  }

  private OrtSession.SessionOptions options() throws OrtException {
    var options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    options.addConfigEntry("session.inter_op.allow_spinning", "0");
    if (device == Device.CUDA) {
      options.addCUDA(0);
    }
    return options;
  }
}
