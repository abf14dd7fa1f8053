"""Do the checks catch what is wrong and spare what is right: mutants and right styles of the solutions, judged."""
