"""The stand-in's parts as processes of their own, as many as there are machines, around a real Kafka."""
