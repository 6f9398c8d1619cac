"""The embedded demo: Exemple Courrier SAS, a company that does not exist, with planted faults (docs/norm/rehearsal)."""
