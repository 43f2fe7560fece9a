<?xml version="1.0" encoding="UTF-8"?>
<!-- overview.xsl - the first four sections: verdict, what was tested, numbers, requirements. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:template name="first-things">
	<xsl:if test="$first">
		<xsl:value-of select="$n"/>
		<section id="first" aria-labelledby="first-title">
			<xsl:call-template name="heading"><xsl:with-param name="id">first</xsl:with-param></xsl:call-template>
			<ol class="first">
				<xsl:choose>
					<xsl:when test="$of-packs"><xsl:call-template name="first-cases"/></xsl:when>
					<xsl:otherwise>
						<xsl:call-template name="first-cases"/>
						<xsl:call-template name="first-rules"/>
					</xsl:otherwise>
				</xsl:choose>
			</ol>
		</section>
	</xsl:if>
</xsl:template>

<xsl:template name="first-cases">
	<xsl:for-each select="r:case[@outcome = 'failed' or @outcome = 'broken' or @outcome = 'not run' or @outcome = 'manual']">
		<xsl:sort select="(@outcome = 'not run' or @outcome = 'manual') * 1" data-type="number"/>
		<xsl:if test="position() &lt;= 3">
			<xsl:value-of select="$n"/>
			<li>
				<xsl:apply-templates select="." mode="name"><xsl:with-param name="name" select="concat(@id, ' ', @title)"/></xsl:apply-templates>
				<xsl:text> </xsl:text>
				<xsl:call-template name="tag"><xsl:with-param name="status" select="@outcome"/></xsl:call-template>
				<xsl:apply-templates select="." mode="advice"/>
			</li>
		</xsl:if>
	</xsl:for-each>
</xsl:template>

<!-- What is wrong with a case, in words: rules by their titles, and no paths. -->
<xsl:template match="r:case" mode="advice">
	<xsl:variable name="found" select="key('message', r:judged/@message)/r:finding[@fate = 'unexpected'][not(r:waived)]"/>
	<xsl:choose>
		<xsl:when test="@outcome = 'broken'"><span class="first-advice">The case itself is wrong: whoever keeps the pack must fix it.</span></xsl:when>
		<xsl:when test="@outcome = 'manual'"><span class="first-advice">Answer the question: <xsl:value-of select="r:expected"/></span></xsl:when>
		<xsl:when test="@outcome = 'not run'"><span class="first-advice">Send what is missing: <xsl:value-of select="r:reason"/></span></xsl:when>
		<xsl:when test="not(r:fault)"><span class="first-advice"><xsl:value-of select="r:reason"/></span></xsl:when>
	</xsl:choose>
	<xsl:if test="@outcome = 'failed'">
		<xsl:if test="$found">
			<span class="first-advice">
				<xsl:text>Found, and not expected: </xsl:text>
				<xsl:for-each select="$found[position() &lt;= 3]">
					<xsl:if test="position() &gt; 1">; </xsl:if>
					<xsl:value-of select="concat(key('rule', @rule)/r:title, ' (', @rule, ')')"/>
				</xsl:for-each>
				<xsl:if test="count($found) &gt; 3"><xsl:value-of select="concat('; and ', count($found) - 3, ' more')"/></xsl:if>
				<xsl:text>.</xsl:text>
			</span>
		</xsl:if>
		<xsl:if test="r:expects[@missing]">
			<span class="first-advice">
				<xsl:text>Expected, and not found: </xsl:text>
				<xsl:for-each select="r:expects[@missing][position() &lt;= 3]">
					<xsl:if test="position() &gt; 1">; </xsl:if>
					<xsl:value-of select="concat(key('rule', @rule)/r:title, ' (', @rule, ')')"/>
				</xsl:for-each>
				<xsl:if test="count(r:expects[@missing]) &gt; 3"><xsl:value-of select="concat('; and ', count(r:expects[@missing]) - 3, ' more')"/></xsl:if>
				<xsl:text>.</xsl:text>
			</span>
		</xsl:if>
		<xsl:if test="r:fault[@about = 'assertion']">
			<span class="first-advice">
				<xsl:choose>
					<xsl:when test="r:fault[@about = 'assertion']/r:plain"><xsl:value-of select="concat('This does not hold: ', r:fault[@about = 'assertion'][r:plain][1]/r:plain, '.')"/></xsl:when>
					<xsl:otherwise>The message does not say what the case asks of it: see the case.</xsl:otherwise>
				</xsl:choose>
			</span>
		</xsl:if>
		<xsl:if test="r:record">
			<span class="first-advice">
				<xsl:call-template name="plural"><xsl:with-param name="count" select="count(r:record)"/><xsl:with-param name="noun">record</xsl:with-param></xsl:call-template>
				<xsl:choose><xsl:when test="count(r:record) = 1"> differs</xsl:when><xsl:otherwise> differ</xsl:otherwise></xsl:choose>
				<xsl:text> from what was expected.</xsl:text>
			</span>
		</xsl:if>
		<xsl:if test="not($found or r:expects[@missing] or r:record or r:fault[@about = 'assertion'])">
			<xsl:for-each select="r:fault[not(@about)][1] | r:fault[@about = 'verdict'][not(../r:fault[not(@about)])][1]">
				<span class="first-advice"><xsl:value-of select="concat(translate(substring(r:text, 1, 1), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'), substring(r:text, 2), '.')"/></span>
			</xsl:for-each>
		</xsl:if>
		<xsl:if test="$found">
			<span class="first-advice first-fix"><strong>How to fix it: </strong><xsl:value-of select="key('rule', $found[1]/@rule)/r:fix"/></span>
		</xsl:if>
	</xsl:if>
</xsl:template>

<!-- The rules with most findings, errors before warnings; then the first parts that could not be checked. -->
<xsl:template name="first-rules">
	<xsl:variable name="rules" select="r:rule[key('findings', @id)[not(r:waived)]]"/>
	<xsl:for-each select="$rules">
		<xsl:sort select="(@severity = 'error') * 2 + (@severity = 'warning')" data-type="number" order="descending"/>
		<xsl:sort select="count(key('findings', @id)[not(r:waived)])" data-type="number" order="descending"/>
		<xsl:if test="position() &lt;= 3">
			<xsl:value-of select="$n"/>
			<li>
				<a href="#r-{@id}"><xsl:value-of select="r:title"/></a>
				<xsl:text> </xsl:text>
				<xsl:call-template name="tag"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
				<xsl:text> </xsl:text>
				<xsl:variable name="count" select="count(key('findings', @id)[not(r:waived)]) + sum(key('unlisted', @id)/@number)"/>
				<span class="muted">
					<xsl:value-of select="@id"/>
					<xsl:text>, </xsl:text>
					<xsl:choose>
						<xsl:when test="$count = 1">once</xsl:when>
						<xsl:otherwise>
							<xsl:value-of select="concat(format-number($count, '#,##0'), ' times')"/>
						</xsl:otherwise>
					</xsl:choose>
				</span>
				<span class="first-advice"><xsl:value-of select="r:fix"/></span>
			</li>
		</xsl:if>
	</xsl:for-each>
	<xsl:for-each select="r:message/r:omission[position() &lt;= 3]">
		<xsl:if test="position() + count($rules) &lt;= 3">
			<xsl:value-of select="$n"/>
			<li>
				<xsl:apply-templates select=".." mode="name"/>
				<xsl:text> </xsl:text>
				<xsl:call-template name="tag"><xsl:with-param name="status" select="'incomplete'"/></xsl:call-template>
				<span class="first-advice">
					<xsl:value-of select="concat('Not checked: ', r:what, ', because ', r:why, '.')"/>
				</span>
			</li>
		</xsl:if>
	</xsl:for-each>
</xsl:template>

<xsl:template name="identification">
	<xsl:value-of select="$n"/>
	<section id="identification" aria-labelledby="identification-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">identification</xsl:with-param></xsl:call-template>
		<xsl:if test="not(r:run/r:meta)">
			<p>The supplier and system are not named (<code>--meta KEY=VALUE</code> adds them).</p>
		</xsl:if>
		<dl class="facts">
			<xsl:for-each select="r:run/r:meta">
				<xsl:value-of select="$n"/>
				<dt class="initial"><xsl:value-of select="@name"/></dt>
				<dd><xsl:value-of select="."/></dd>
			</xsl:for-each>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Specification</xsl:with-param>
				<xsl:with-param name="value" select="@dms"/>
			</xsl:call-template>
			<xsl:for-each select="r:pack">
				<xsl:value-of select="$n"/>
				<dt>Pack</dt>
				<dd>
					<xsl:value-of select="concat(@title, ' (', @name, ' ', @version, '), ')"/>
					<xsl:call-template name="plural">
						<xsl:with-param name="count" select="@cases"/>
						<xsl:with-param name="noun">case</xsl:with-param>
					</xsl:call-template>
					<xsl:if test="@digest">
						<span class="digest">
							<xsl:value-of select="concat('digest ', @digest)"/>
						</span>
					</xsl:if>
				</dd>
			</xsl:for-each>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Rule set</xsl:with-param>
				<xsl:with-param name="value">
					<xsl:if test="@ruleset">
						<xsl:value-of select="concat(count(r:rule), ' rules, digest ', @ruleset)"/>
					</xsl:if>
				</xsl:with-param>
			</xsl:call-template>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Tool</xsl:with-param>
				<xsl:with-param name="value" select="concat('cpis ', @tool)"/>
			</xsl:call-template>
			<xsl:if test="@date">
				<dt>Date</dt><dd><xsl:call-template name="date"/></dd>
			</xsl:if>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Environment</xsl:with-param>
				<xsl:with-param name="value" select="r:run/r:options/@environment"/>
			</xsl:call-template>
			<dt>Personal values</dt>
			<dd>
				<xsl:choose>
					<xsl:when test="r:run/r:options/@values = 'shown'">
						<strong>Shown.</strong>
						<xsl:text> This report contains values that identify people: protect it as you protect their records.</xsl:text>
					</xsl:when>
					<xsl:otherwise>Masked: each value has one token, such as [NHS number #1], throughout this report.</xsl:otherwise>
				</xsl:choose>
			</dd>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Input digest</xsl:with-param>
				<xsl:with-param name="value" select="@digest"/>
				<xsl:with-param name="class">data</xsl:with-param>
			</xsl:call-template>
		</dl>
		<xsl:if test="r:evidence"><xsl:call-template name="inventory"/></xsl:if>
		<xsl:if test="r:input"><xsl:call-template name="inputs"/></xsl:if>
	</section>
</xsl:template>

<!-- Every file of the evidence, and what it is for. -->
<xsl:template name="inventory">
	<xsl:variable name="files" select="r:evidence"/>
	<xsl:value-of select="$n"/>
	<h3>The supplier’s evidence</h3>
	<table class="stack">
		<caption>
			<xsl:call-template name="plural"><xsl:with-param name="count" select="count($files)"/><xsl:with-param name="noun">file</xsl:with-param></xsl:call-template>
			<xsl:variable name="spare" select="count($files[not(r:fills)])"/>
			<xsl:if test="$spare &gt; 0"><xsl:value-of select="concat('; ', $spare, ' of them ', substring('fillsfill', 1 + 5 * ($spare &gt; 1), 5), ' no slot')"/></xsl:if>
		</caption>
		<thead><tr><th scope="col">File</th><th scope="col">Fills</th><th scope="col" class="number">Bytes</th></tr></thead>
		<tbody>
			<xsl:for-each select="$files[position() &lt;= $most-listed]">
				<xsl:value-of select="$n"/>
				<tr>
					<th scope="row" data-label="File"><span class="source-name"><xsl:value-of select="@name"/></span>
						<xsl:choose>
							<xsl:when test="@sha256"><span class="digest"><xsl:value-of select="@sha256"/></span></xsl:when>
							<xsl:otherwise><span class="small"><xsl:value-of select="concat('Could not be read: ', @why)"/></span></xsl:otherwise>
						</xsl:choose>
					</th>
					<td data-label="Fills">
						<xsl:for-each select="r:fills"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each>
						<xsl:if test="not(r:fills)"><strong>No slot</strong></xsl:if>
					</td>
					<td class="number" data-label="Bytes"><xsl:value-of select="format-number(@bytes, '#,##0')"/></td>
				</tr>
			</xsl:for-each>
		</tbody>
	</table>
	<xsl:call-template name="more"><xsl:with-param name="count" select="count($files) - $most-listed"/><xsl:with-param name="noun">file</xsl:with-param></xsl:call-template>
</xsl:template>

<!-- What else decided what this report says; folded, and not on paper: one digest covers it. -->
<xsl:template name="inputs">
	<xsl:variable name="files" select="r:input"/>
	<xsl:value-of select="$n"/>
	<details class="idle">
		<summary><xsl:call-template name="plural"><xsl:with-param name="count" select="count($files)"/><xsl:with-param name="noun">file</xsl:with-param></xsl:call-template> that decided what this report says</summary>
		<ul class="lines">
			<xsl:for-each select="$files[position() &lt;= $most-listed]">
				<xsl:value-of select="$n"/>
				<li>
					<xsl:value-of select="concat(@role, ' ')"/>
					<strong><xsl:value-of select="@name"/></strong>
					<xsl:if test="@pack"><xsl:value-of select="concat(', of the pack ', @pack)"/></xsl:if>
					<xsl:text> </xsl:text>
					<span class="digest"><xsl:value-of select="@sha256"/></span>
					<xsl:if test="not(@sha256)">could not be read</xsl:if>
				</li>
			</xsl:for-each>
		</ul>
		<xsl:call-template name="more"><xsl:with-param name="count" select="count($files) - $most-listed"/><xsl:with-param name="noun">file</xsl:with-param></xsl:call-template>
	</details>
</xsl:template>

<xsl:template name="numbers">
	<xsl:value-of select="$n"/>
	<section id="numbers" aria-labelledby="numbers-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">numbers</xsl:with-param></xsl:call-template>
		<div class="charts">
			<xsl:if test="$of-packs">
				<xsl:call-template name="chart">
					<xsl:with-param name="of">cases</xsl:with-param>
					<xsl:with-param name="caption">Cases by outcome</xsl:with-param>
					<xsl:with-param name="column">Outcome</xsl:with-param>
				</xsl:call-template>
			</xsl:if>
			<xsl:choose>
				<xsl:when test="$of-packs"><div><xsl:call-template name="judged-charts"/></div></xsl:when>
				<xsl:otherwise><xsl:call-template name="judged-charts"/></xsl:otherwise>
			</xsl:choose>
		</div>
		<p>
			<xsl:if test="$summary/@records > 0">
				<xsl:call-template name="plural">
					<xsl:with-param name="count" select="$summary/@records"/>
					<xsl:with-param name="noun">record</xsl:with-param>
				</xsl:call-template>
				<xsl:text> checked in these messages. </xsl:text>
			</xsl:if>
			<xsl:if test="$summary/@waived-findings > 0">
				<xsl:call-template name="plural">
					<xsl:with-param name="count" select="$summary/@waived-findings"/>
					<xsl:with-param name="noun"><xsl:choose><xsl:when test="r:message/r:finding/@by-baseline">accepted</xsl:when><xsl:otherwise>waived</xsl:otherwise></xsl:choose> finding</xsl:with-param>
				</xsl:call-template>
				<xsl:text> not counted above. </xsl:text>
			</xsl:if>
			<xsl:if test="$summary/@suppressed-findings > 0">
				<xsl:call-template name="plural">
					<xsl:with-param name="count" select="$summary/@suppressed-findings"/>
					<xsl:with-param name="noun">more finding</xsl:with-param>
				</xsl:call-template>
				<xsl:text> not listed: caused by others, or over the limit for a message (--max-findings). </xsl:text>
			</xsl:if>
			<xsl:if test="$of-packs">Findings in cases that passed were expected: a message that is meant to fail is not a fault of the system tested. </xsl:if>
		</p>
	</section>
</xsl:template>

<xsl:template name="judged-charts">
	<xsl:call-template name="chart">
		<xsl:with-param name="of">messages</xsl:with-param>
		<xsl:with-param name="caption">Messages by verdict</xsl:with-param>
		<xsl:with-param name="column">Verdict</xsl:with-param>
	</xsl:call-template>
	<xsl:call-template name="chart">
		<xsl:with-param name="of">findings</xsl:with-param>
		<xsl:with-param name="caption">Findings by severity</xsl:with-param>
		<xsl:with-param name="column">Severity</xsl:with-param>
	</xsl:call-template>
</xsl:template>

<!-- A bar in proportion, and the table that says the same in numbers. -->
<xsl:template name="chart">
	<xsl:param name="of"/>
	<xsl:param name="caption"/>
	<xsl:param name="column"/>
	<!-- What cases expect to be bad is not shown as bad: it has a column, and no bar. -->
	<xsl:variable name="expectable" select="$of-packs and $of != 'cases'"/>
	<xsl:variable name="expected" select="$summary/r:count[@of = concat('expected-', $of)]"/>
	<xsl:variable name="counts" select="$summary/r:count[@of = $of]"/>
	<xsl:variable name="all" select="sum($counts/@number)"/>
	<xsl:value-of select="$n"/>
	<div class="chart">
		<table class="counts">
			<caption><xsl:value-of select="$caption"/></caption>
			<thead><tr><th scope="col"><xsl:value-of select="$column"/></th><th scope="col" class="number">Number</th><xsl:if test="$expectable"><th scope="col" class="number">Expected</th></xsl:if></tr></thead>
			<tbody>
				<xsl:for-each select="$counts[@of != 'cases' or @number > 0]">
					<xsl:value-of select="$n"/>
					<tr>
						<th scope="row"><xsl:call-template name="tag"><xsl:with-param name="status" select="@is"/></xsl:call-template></th>
						<td class="number"><xsl:value-of select="format-number(@number, '#,##0')"/></td>
						<xsl:if test="$expectable">
							<td class="number">
								<xsl:value-of select="format-number(sum($expected[@is = current()/@is]/@number), '#,##0')"/>
							</td>
						</xsl:if>
					</tr>
				</xsl:for-each>
			</tbody>
			<tfoot>
				<tr><th scope="row">All</th><td class="number"><xsl:value-of select="format-number($all, '#,##0')"/></td>
					<xsl:if test="$expectable">
						<td class="number">
							<xsl:value-of select="format-number(sum($expected/@number), '#,##0')"/>
						</td>
					</xsl:if>
				</tr>
			</tfoot>
		</table>
		<xsl:if test="not($expectable)">
			<svg class="bar" viewBox="0 0 1000 28" preserveAspectRatio="none" aria-hidden="true">
				<xsl:for-each select="$counts[@number > 0]">
					<xsl:variable name="before" select="sum(preceding-sibling::r:count[@of = $of]/@number)"/>
					<rect class="part part-{translate(@is, ' ', '-')}" y="0" height="28" x="{round(1000 * $before div $all)}" width="{round(1000 * @number div $all)}"></rect>
				</xsl:for-each>
			</svg>
		</xsl:if>
	</div>
</xsl:template>

<xsl:template name="requirements">
	<xsl:value-of select="$n"/>
	<section id="requirements" aria-labelledby="requirements-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">requirements</xsl:with-param></xsl:call-template>
		<xsl:choose>
			<xsl:when test="r:requirement">
				<p>
					<xsl:value-of select="concat(count(r:requirement[@outcome = 'passed']), ' of ')"/>
					<xsl:call-template name="plural">
						<xsl:with-param name="count" select="count(r:requirement)"/>
						<xsl:with-param name="noun">requirement</xsl:with-param>
					</xsl:call-template>
					<xsl:text> shown to be met</xsl:text>
					<xsl:if test="r:requirement/r:not-testable">
						<xsl:value-of select="concat('; ', count(r:requirement[r:not-testable]), ' cannot be shown by messages')"/>
					</xsl:if>
					<xsl:text>.</xsl:text>
				</p>
				<table class="stack stack-wide">
					<caption>Requirements, the cases that show them, and their outcomes</caption>
					<thead>
						<tr>
							<th scope="col">Requirement</th>
							<th scope="col">Shown by</th>
							<th scope="col">Outcome</th>
						</tr>
					</thead>
					<tbody>
						<xsl:apply-templates select="r:requirement" mode="row"/>
					</tbody>
				</table>
			</xsl:when>
			<xsl:when test="$of-packs"><p>The packs of this run have no requirements.</p></xsl:when>
			<xsl:otherwise><p>No packs were run, so no requirements were tested. <code>cpis run PACK</code> tests messages against the requirements of a pack.</p></xsl:otherwise>
		</xsl:choose>
	</section>
</xsl:template>

<xsl:template match="r:requirement" mode="row">
	<xsl:variable name="pack" select="@pack"/>
	<xsl:value-of select="$n"/>
	<tr id="q-{position()}">
		<xsl:attribute name="data-outcome"><xsl:value-of select="@outcome"/></xsl:attribute>
		<th scope="row" data-label="Requirement">
			<code><xsl:value-of select="@id"/></code>
			<span class="requirement-text"><xsl:value-of select="r:text"/></span>
			<xsl:if test="@source"><span class="muted small"><xsl:value-of select="@source"/></span></xsl:if>
		</th>
		<td class="ids" data-label="Shown by">
			<xsl:for-each select="r:shown-by">
				<xsl:if test="position() > 1">, </xsl:if>
				<xsl:variable name="case" select="key('case', concat($pack, ' ', .))[1]"/>
				<xsl:choose>
					<xsl:when test="$case"><xsl:apply-templates select="$case" mode="name"/></xsl:when>
					<xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
				</xsl:choose>
			</xsl:for-each>
			<xsl:if test="not(r:shown-by)">No case</xsl:if>
		</td>
		<td data-label="Outcome">
			<xsl:choose>
				<xsl:when test="r:not-testable">
					<xsl:call-template name="tag"><xsl:with-param name="status" select="'not covered'"/></xsl:call-template>
					<span class="small"><xsl:value-of select="r:not-testable"/></span>
				</xsl:when>
				<xsl:when test="not(r:shown-by)">
					<xsl:call-template name="tag"><xsl:with-param name="status" select="'not covered'"/></xsl:call-template>
				</xsl:when>
				<xsl:otherwise>
					<xsl:call-template name="tag"><xsl:with-param name="status" select="@outcome"/></xsl:call-template>
				</xsl:otherwise>
			</xsl:choose>
		</td>
	</tr>
</xsl:template>

</xsl:stylesheet>
