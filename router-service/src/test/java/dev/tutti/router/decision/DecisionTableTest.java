package dev.tutti.router.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Decision;
import dev.tutti.router.access.EndUser;
import dev.tutti.router.testing.Neighbourhood;
import io.agroal.api.AgroalDataSource;
import io.grpc.Context;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(Neighbourhood.class)
class DecisionTableTest {

  @Inject DecisionTable table;
  @Inject AgroalDataSource database;

  private static Kept kept(Decision decision, String user) throws Exception {
    return EndUser.in(Context.current(), Optional.of(user))
        .call(() -> Kept.of(decision, Spend.NOTHING, new float[0], Set.of(), null));
  }

  private List<String> of(String team, String user) throws SQLException {
    try (var connection = database.getConnection();
        var select =
            connection.prepareStatement(
                "select decision from router.decision_user where digest = ?")) {
      select.setBytes(1, EndUser.digest(team, user));
      var ids = new ArrayList<String>();
      try (var rows = select.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getString(1));
        }
      }
      return ids;
    }
  }

  /** Else who deletes what is kept of one user would delete another's decision with it. */
  @Test
  void whoeverComesWithAnIdThatIsAnothersIsNotedAtTheirOwnDecisionAlone() throws Exception {
    String team = UUID.randomUUID().toString();
    Decision bos =
        Decision.newBuilder()
            .setId(team + "-job")
            .setTeam(team)
            .setEnsemble("e")
            .setTime(Timestamps.fromMillis(System.currentTimeMillis()))
            .build();
    Decision adas = bos.toBuilder().setEnsemble("f").build();
    for (int i = 0; i < 2; i++) {
      // Written twice, it is there once.
      table.insert(List.of(kept(bos, "bo"), kept(adas, "ada")));
      assertEquals(List.of(bos.getId()), of(team, "bo"));
      assertEquals(List.of(kept(adas, "ada").apart().id()), of(team, "ada"));
    }
    assertTrue(table.find(bos.getId()).orElseThrow().decision().getEnsemble().equals("e"));
  }
}
