"""How many replicates and images a study needs: before it, and while it runs, look by look."""
