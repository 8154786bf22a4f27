package dev.tutti.router.answer;

import java.util.List;

/**
 * Who is to answer what is sent to a name.
 *
 * @param name its own, whatever alias it was called by
 * @param isModel whether it is a model, which answers itself
 * @param takesWire whether some of those who may answer take a request as its caller wrote it, with
 *     all that Tutti does not interpret
 * @param passesOn whether some of those who may be asked take what Tutti does not interpret, though
 *     their answers are read here
 * @param leftOut names of those who may be asked and do not take it, where others do
 * @param dropsUnserved whether what cannot be served of a request is dropped, by its own setting
 */
public record Addressee(
    String name,
    boolean isModel,
    boolean takesWire,
    boolean passesOn,
    List<String> leftOut,
    boolean dropsUnserved) {}
