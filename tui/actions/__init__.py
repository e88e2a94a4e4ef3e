"""Actions of the keys on the container under the cursor."""
