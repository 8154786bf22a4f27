package dev.tutti.router.access;

import dev.tutti.registry.v1.KeyScope;
import jakarta.enterprise.util.Nonbinding;
import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a key must be good for that is brought to a resource's method. Every method that answers a
 * request has it: a test goes through them.
 */
@InterceptorBinding
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Needs {

  /** The scope. */
  @Nonbinding
  KeyScope value() default KeyScope.KEY_SCOPE_USE;
}
