package dev.tutti.registry.signin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who may call a resource; what a method says counts before what its class says. Without it a
 * viewer may read (GET) and an operator may do the rest.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface RoleNeeded {

  /** This role, or one that covers it. */
  Role value();

  /** Whether it is for those too who have yet to change a one-time password. */
  boolean oneTimePassword() default false;
}
