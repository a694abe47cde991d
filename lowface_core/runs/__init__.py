"""What a run leaves behind and reads back, of training and of measuring alike."""
