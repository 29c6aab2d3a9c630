package dev.tallyman.engine;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Operations of the Engine API that a test is about, as {@code operations.txt} names them. {@link EngineTest} checks that the test made each
 * call and got the answer that the list promises; {@link OperationsTest} makes the table in the docs of it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Covers {
  String[] value();
}
