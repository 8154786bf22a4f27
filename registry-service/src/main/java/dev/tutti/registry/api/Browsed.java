package dev.tutti.registry.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Pages that people look at: whoever has to sign in first is led to where that is done. A form of
 * theirs brings its token as a field; whoever takes one looks at it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Browsed {}
