/** Byte-level BPE: learned here, used here, written in Hugging Face's format. */
package dev.tutti.starter.train.tokenizer;
