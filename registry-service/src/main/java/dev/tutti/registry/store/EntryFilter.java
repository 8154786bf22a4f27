package dev.tutti.registry.store;

import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.type.v1.Capability;
import java.util.Optional;

/**
 * Which entries of a list; everything must fit.
 *
 * @param lifecycle at this point of their life; empty for all
 * @param text in the name, an alias or the description, whatever its case; empty for all
 * @param method of this method; empty for all
 * @param capability with this capability; empty for all
 * @param member with a member of this name, or known by it; empty for all
 */
public record EntryFilter(
    Optional<Lifecycle> lifecycle,
    String text,
    String method,
    Optional<Capability> capability,
    String member) {

  static final String SELECT =
      """
      select * from {h-schema}entry
      where kind = :kind and name > :after
        and (:lifecycle = '' or lifecycle = :lifecycle)
        and (:text = '' or position(lower(:text) in
          lower(concat_ws(' ', name, document ->> 'aliases', document ->> 'description'))) > 0)
        and (:method = '' or document ->> 'method' = :method)
        and (:capability = ''
          or document -> 'capabilities' @> to_jsonb(cast(:capability as text)))
        and (:member = '' or exists (
          select 1 from jsonb_array_elements(document -> 'members') m
          where :member in (m ->> 'model', m ->> 'ensemble', m ->> 'as')))
      order by name""";
}
