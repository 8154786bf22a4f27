/** The trained network as an ONNX graph, written without ONNX's libraries. */
package dev.tutti.starter.train.onnx;
