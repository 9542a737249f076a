"""Scores as pure functions of documents: signals and a rubric in, points with their evidence out.

Nothing here reads a clock, a database, a request or a random number, so the same documents give the same
bytes for ever (``app.scoring.receipt.replay``). The public doors are ``rubric.Rubric``,
``policy.ScoringPolicy``, ``answers.AnswerSignals``, ``score.score_interview``,
``sentences.contribution_sentence`` and ``receipt``.
"""
