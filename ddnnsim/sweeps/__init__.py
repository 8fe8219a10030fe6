"""Many runs of one scenario: other settings, and each of them several times with other draws."""
