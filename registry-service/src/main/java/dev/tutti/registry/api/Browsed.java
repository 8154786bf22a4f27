package dev.tutti.registry.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Pages that people look at: a browser may bring the key as the password of HTTP Basic, which it
 * asks its user for, whatever name stands beside it. Elsewhere that counts for nothing, since a
 * browser sends it along with whatever another site makes it ask; what changes something here must
 * bring a token of the page.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Browsed {}
