package dev.tutti.decoder.runtime;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Snapshot;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The registry's models in memory: loaded ahead as far as the budget goes, otherwise when they are
 * asked for; the one that was idle longest makes room. A model that changed in the registry or left
 * it is unloaded when the last answer that uses it is done. Thread-safe.
 */
public final class ModelPool implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(ModelPool.class);

  private final ModelLoader loader;
  private final long budget;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, ModelSlot> slots = new HashMap<>();
  private boolean informed;
  private long used;
  private long failures;

  /**
   * An empty pool.
   *
   * @param budget most bytes of all loaded models together
   * @param nanoTime as {@link System#nanoTime}
   */
  public ModelPool(ModelLoader loader, long budget, LongSupplier nanoTime) {
    this.loader = loader;
    this.budget = budget;
    this.nanoTime = nanoTime;
  }

  /** Use of a loaded model, until it is closed. */
  public final class Lease implements AutoCloseable {

    private final ModelSlot slot;
    private final LanguageModel model;
    private final Model registered;
    private boolean closed;

    private Lease(ModelSlot slot) {
      this.slot = slot;
      this.model = slot.loaded;
      this.registered = slot.model;
    }

    /** The model. */
    public LanguageModel model() {
      return model;
    }

    /** As the registry has it. */
    public Model registered() {
      return registered;
    }

    /**
     * Most tokens of prompt and answer together: the registry's word, within what the model can.
     */
    public int contextLength() {
      int stated = registered.getContextLength();
      return stated > 0 ? Math.min(stated, model.contextLength()) : model.contextLength();
    }

    /** Ends the use. Closing twice does nothing. */
    @Override
    public void close() {
      lock.lock();
      try {
        if (!closed) {
          closed = true;
          slot.users--;
          slot.lastUse = nanoTime.getAsLong();
          unloadDropped(slot);
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Takes over the registry's models; those that are new or changed are loaded in the background.
   */
  public void follow(Snapshot snapshot) {
    lock.lock();
    try {
      var present = new HashMap<String, Model>();
      snapshot.getModelsList().forEach(model -> present.put(model.getName(), model));
      for (String name : slots.keySet().toArray(String[]::new)) {
        Model now = present.get(name);
        if (now == null || !sameFiles(slots.get(name).model, now) || !served(now)) {
          drop(slots.remove(name));
        }
      }
      present.forEach(this::update);
      informed = true;
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual().name("model-preload").start(() -> preload(snapshot));
  }

  private void update(String name, Model model) {
    ModelSlot slot = slots.computeIfAbsent(name, _ -> new ModelSlot(model));
    if (slot.model.getVersion() != model.getVersion()) {
      slot.wellAgain();
    }
    slot.model = model;
  }

  private static boolean sameFiles(Model a, Model b) {
    return a.getRuntime() == b.getRuntime()
        && a.getLocation().equals(b.getLocation())
        && a.getDecoder().equals(b.getDecoder())
        && a.getSha256().equals(b.getSha256());
  }

  private static boolean served(Model model) {
    return model.getLifecycle() == Lifecycle.LIFECYCLE_ACTIVE
        || model.getLifecycle() == Lifecycle.LIFECYCLE_DEPRECATED;
  }

  private void preload(Snapshot snapshot) {
    for (Model model : snapshot.getModelsList()) {
      if (served(model) && model.getRuntime() == Runtime.RUNTIME_ONNX) {
        try {
          acquire(model.getName(), "model", false).close();
        } catch (FailureException e) {
          LOG.debugf("%s is not loaded ahead: %s", model.getName(), e.getMessage());
        }
      }
    }
  }

  /**
   * The model of this name, loaded.
   *
   * @param field path of the field that named it, for the refusal
   * @throws FailureException when it is unknown, not served, or cannot be loaded
   * @throws CancelledException when interrupted
   */
  public Lease acquire(String name, String field) {
    return acquire(name, field, true);
  }

  private Lease acquire(String name, String field, boolean evict) {
    lock.lock();
    try {
      while (true) {
        ModelSlot slot = servedSlot(name, field);
        if (slot.loaded != null) {
          slot.users++;
          slot.lastUse = nanoTime.getAsLong();
          return new Lease(slot);
        }
        if (slot.loading) {
          changed.await();
          continue;
        }
        if (slot.failure != null && nanoTime.getAsLong() - slot.retryAt < 0) {
          throw ModelRefusals.loadFailed(slot.model, field, slot.failure);
        }
        load(slot, field, evict);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } finally {
      lock.unlock();
    }
  }

  /**
   * As the registry has it, loaded or not.
   *
   * @param field path of the field that named it, for the refusal
   * @throws FailureException when it is unknown or not served
   */
  public Model registered(String name, String field) {
    lock.lock();
    try {
      return servedSlot(name, field).model;
    } finally {
      lock.unlock();
    }
  }

  private ModelSlot servedSlot(String name, String field) {
    ModelSlot slot = slots.get(name);
    if (slot == null) {
      throw informed ? ModelRefusals.unknown(name, field) : ModelRefusals.nothingKnown();
    }
    if (!served(slot.model)) {
      throw ModelRefusals.notServed(slot.model, field);
    }
    if (slot.model.getRuntime() != Runtime.RUNTIME_ONNX) {
      throw ModelRefusals.otherRuntime(slot.model, field);
    }
    return slot;
  }

  /** Loads outside the lock; others that want the model wait. */
  private void load(ModelSlot slot, String field, boolean evict) {
    slot.loading = true;
    long bytes = 0;
    LanguageModel loaded = null;
    try {
      bytes = sizeUnlocked(slot);
      makeRoom(slot.model.getName(), bytes, field, evict);
      used += bytes;
      lock.unlock();
      try {
        loaded = loader.load(slot.model);
      } finally {
        lock.lock();
        used -= loaded == null ? bytes : 0;
      }
      slot.loaded = loaded;
      slot.bytes = bytes;
      slot.wellAgain();
      LOG.infof("Loaded %s, %d bytes", slot.model.getName(), bytes);
    } catch (ModelLoadException e) {
      slot.failed(e, nanoTime.getAsLong());
      failures++;
      LOG.warnf("%s cannot be loaded: %s", slot.model.getName(), e.getMessage());
      throw ModelRefusals.loadFailed(slot.model, field, slot.failure);
    } finally {
      slot.loading = false;
      unloadDropped(slot);
      changed.signalAll();
    }
  }

  private long sizeUnlocked(ModelSlot slot) {
    lock.unlock();
    try {
      return loader.bytes(slot.model);
    } finally {
      lock.lock();
    }
  }

  private void makeRoom(String name, long bytes, String field, boolean evict) {
    if (bytes > budget) {
      throw ModelRefusals.tooLarge(name, field, bytes, budget);
    }
    List<ModelSlot> idle =
        slots.values().stream()
            .filter(slot -> evict && slot.loaded != null && slot.users == 0 && slot.bytes > 0)
            .sorted(Comparator.comparingLong(slot -> slot.lastUse))
            .toList();
    long busy = used - idle.stream().mapToLong(slot -> slot.bytes).sum();
    if (busy + bytes > budget) {
      throw ModelRefusals.allBusy(name, bytes, budget, busy);
    }
    for (ModelSlot slot : idle) {
      if (used + bytes <= budget) {
        return;
      }
      LOG.infof("Unloading %s to make room", slot.model.getName());
      unload(slot);
    }
  }

  private void drop(ModelSlot slot) {
    slot.dropped = true;
    unloadDropped(slot);
  }

  private void unloadDropped(ModelSlot slot) {
    if (slot.dropped && slot.users == 0 && !slot.loading && slot.loaded != null) {
      LOG.infof("Unloading %s", slot.model.getName());
      unload(slot);
    }
  }

  private void unload(ModelSlot slot) {
    slot.loaded.close();
    slot.loaded = null;
    used -= slot.bytes;
    slot.bytes = 0;
  }

  /**
   * How a pool stands.
   *
   * @param loaded models in memory
   * @param bytes of them together
   * @param loadFailures attempts to load that failed, since the start
   * @param failed models that could not be loaded, and why
   */
  public record State(
      int loaded, long bytes, long loadFailures, SortedMap<String, String> failed) {}

  /** How it stands. */
  public State state() {
    lock.lock();
    try {
      var failed = new TreeMap<String, String>();
      slots.forEach(
          (name, slot) -> {
            if (slot.failure != null) {
              failed.put(name, slot.failure.getMessage());
            }
          });
      int loaded = (int) slots.values().stream().filter(slot -> slot.loaded != null).count();
      return new State(loaded, used, failures, failed);
    } finally {
      lock.unlock();
    }
  }

  /** Unloads everything that is idle; the rest when it becomes so. */
  @Override
  public void close() {
    lock.lock();
    try {
      slots.values().forEach(this::drop);
      slots.clear();
    } finally {
      lock.unlock();
    }
  }
}
