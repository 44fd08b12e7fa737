"""The proof that a page can arrive: action, topic, topic policy, key policy, subscription."""
