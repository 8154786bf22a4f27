package dev.tutti.registry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.hibernate.exception.ConstraintViolationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LostDatabaseTest {

  @ParameterizedTest
  @CsvSource({
    "08006, true", // connection failure
    "08001, true", // cannot connect
    "57P01, true", // shut down by its administrator
    "57P03, true", // starting
    "53300, true", // too many connections
    "25006, true", // read only
    "42P01, true", // tables not made yet
    "40001, true", // serialisation
    "23505, false", // unique violation: a fault of ours
    "42601, false", // syntax: a fault of ours
    "57014, false", // cancelled
  })
  void theStateTells(String state, boolean lost) {
    var fault = new RuntimeException(new SQLException("x", state));
    assertEquals(lost, LostDatabase.causes(fault));
  }

  @Test
  void itIsFoundWhereverItHides() {
    var hidden = new IllegalStateException("commit");
    hidden.addSuppressed(new SQLTransientConnectionException("gone"));
    assertEquals(true, LostDatabase.causes(new RuntimeException(hidden)));
    assertEquals(true, LostDatabase.causes(new SQLException("Acquisition timeout")));
  }

  @Test
  void otherFaultsAreOthers() {
    assertEquals(false, LostDatabase.causes(new IOException("x")));
    assertEquals(
        false,
        LostDatabase.causes(
            new ConstraintViolationException("x", new SQLException("x", "23505"), "entry_pkey")));
    var loop = new RuntimeException("a");
    loop.addSuppressed(new RuntimeException("b", loop));
    assertEquals(false, LostDatabase.causes(loop));
  }
}
