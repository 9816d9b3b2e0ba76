"""Networks that come as an ONNX file: run by onnxruntime as they are, or turned into PyTorch to train on."""
