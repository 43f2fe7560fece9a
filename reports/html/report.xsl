<?xml version="1.0" encoding="UTF-8"?>
<!--
  report.xsl - results.xml (reports/results.xsd) into the conformance report: one HTML file.

  The page: head, header, contents, sections in order. What every section uses is at the end.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:include href="page.xsl"/>
<xsl:include href="certificate.xsl"/>
<xsl:include href="overview.xsl"/>
<xsl:include href="findings.xsl"/>
<xsl:include href="judged.xsl"/>
<xsl:include href="ledger.xsl"/>

<xsl:strip-space elements="*"/>

<!-- Only page one. -->
<xsl:param name="only"/>
<xsl:variable name="alone" select="$only = 'certificate'"/>

<!-- Findings of a rule that are shown in full; others take a line. -->
<xsl:param name="most-full" select="1000000"/>
<!-- The last case that is. -->
<xsl:param name="last-card" select="1000000"/>
<!-- " NHS-003=5000 DAT-003=7 ": findings of each rule, listed or not. -->
<xsl:param name="totals"/>

<!-- Of a case: most findings of each side. Beyond so many subjects, each takes less room. -->
<xsl:variable name="most-of-a-case" select="10"/>
<xsl:variable name="many" select="count(/r:results/r:message) &gt; 300"/>

<xsl:key name="findings" match="r:finding" use="@rule"/>
<xsl:key name="unlisted" match="r:unlisted" use="@rule"/>
<xsl:key name="rule" match="r:rule" use="@id"/>
<xsl:key name="message" match="r:message" use="@n"/>
<xsl:key name="case" match="r:case" use="concat(@pack, ' ', @id)"/>

<xsl:variable name="results" select="/r:results"/>
<xsl:variable name="summary" select="/r:results/r:summary"/>
<xsl:variable name="of-packs" select="boolean(/r:results/r:case[not(@from = 'run')] | /r:results/r:pack)"/>
<xsl:variable name="first" select="/r:results/@verdict != 'pass' or (not($of-packs) and /r:results/r:message/r:finding[not(r:waived)])"/>

<xsl:variable name="messages" select="/r:results/r:message"/>
<xsl:variable name="cases" select="/r:results/r:case"/>

<xsl:template match="/r:results">
	<html lang="en-GB">
		<xsl:call-template name="head">
			<xsl:with-param name="title">
				<xsl:value-of select="$summary/r:headline"/>
				<xsl:choose><xsl:when test="$alone"> CP-IS conformance, page one</xsl:when><xsl:otherwise> CP-IS conformance report</xsl:otherwise></xsl:choose>
			</xsl:with-param>
			<xsl:with-param name="tool" select="@tool"/>
		</xsl:call-template>
		<xsl:value-of select="$n"/>
		<body>
			<xsl:if test="$alone"><xsl:attribute name="class">alone</xsl:attribute></xsl:if>
			<xsl:value-of select="$n"/>
			<xsl:if test="not($alone)"><a class="skip" href="#main">Skip to the verdict</a></xsl:if>
			<xsl:call-template name="masthead">
				<xsl:with-param name="name">
					<xsl:choose><xsl:when test="$alone">CP-IS conformance</xsl:when><xsl:otherwise>CP-IS conformance report</xsl:otherwise></xsl:choose>
				</xsl:with-param>
				<xsl:with-param name="about" select="normalize-space(concat($system, ' ', $version))"/>
			</xsl:call-template>
			<xsl:choose>
				<xsl:when test="$alone">
					<main id="main"><xsl:call-template name="certificate"/></main>
				</xsl:when>
				<xsl:otherwise><xsl:call-template name="sections"/></xsl:otherwise>
			</xsl:choose>
		</body>
	</html>
</xsl:template>

<xsl:template name="sections">
	<div class="page">
		<xsl:call-template name="contents"/>
		<xsl:value-of select="$n"/>
		<main id="main" tabindex="-1">
			<xsl:call-template name="certificate"/>
			<xsl:call-template name="first-things"/>
			<xsl:call-template name="identification"/>
			<xsl:call-template name="numbers"/>
			<xsl:call-template name="search"/>
			<xsl:call-template name="requirements"/>
			<xsl:call-template name="findings"/>
			<xsl:call-template name="judged"/>
			<xsl:call-template name="rules"/>
			<xsl:call-template name="changes"/>
			<xsl:call-template name="unchecked"/>
			<xsl:call-template name="words"/>
		</main>
	</div>
	<xsl:call-template name="footer"/>
	<xsl:value-of select="$n"/>
	<script><xsl:value-of select="$script"/></script>
</xsl:template>

<xsl:template name="contents">
	<nav class="contents" aria-labelledby="contents">
		<p id="contents" class="contents-title">Contents</p>
		<ol>
			<xsl:call-template name="content"><xsl:with-param name="id">verdict</xsl:with-param></xsl:call-template>
			<xsl:if test="$first"><xsl:call-template name="content"><xsl:with-param name="id">first</xsl:with-param></xsl:call-template></xsl:if>
			<xsl:call-template name="content"><xsl:with-param name="id">identification</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">numbers</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">requirements</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">findings</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">judged</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">rules</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">changes</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">unchecked</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">words</xsl:with-param></xsl:call-template>
		</ol>
	</nav>
</xsl:template>

<xsl:template name="content">
	<xsl:param name="id"/>
	<xsl:value-of select="$n"/>
	<li>
		<a href="#{$id}">
			<xsl:call-template name="section-title"><xsl:with-param name="id" select="$id"/></xsl:call-template>
		</a>
	</li>
</xsl:template>

<xsl:template name="section-title">
	<xsl:param name="id"/>
	<xsl:choose>
		<xsl:when test="$id = 'verdict'">Verdict</xsl:when>
		<xsl:when test="$id = 'first'">Do these first</xsl:when>
		<xsl:when test="$id = 'identification'">What was tested</xsl:when>
		<xsl:when test="$id = 'numbers'">In numbers</xsl:when>
		<xsl:when test="$id = 'requirements'">Requirements</xsl:when>
		<xsl:when test="$id = 'findings'">Findings by rule</xsl:when>
		<xsl:when test="$id = 'judged' and $of-packs">Cases and messages</xsl:when>
		<xsl:when test="$id = 'judged'">Messages</xsl:when>
		<xsl:when test="$id = 'rules'">Rules checked</xsl:when>
		<xsl:when test="$id = 'changes'">Waivers and changes</xsl:when>
		<xsl:when test="$id = 'unchecked'">What was not checked</xsl:when>
		<xsl:otherwise>Words and symbols</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- The heading of a section; the section itself is labelled by it. -->
<xsl:template name="heading">
	<xsl:param name="id"/>
	<h2 id="{$id}-title">
		<xsl:call-template name="section-title"><xsl:with-param name="id" select="$id"/></xsl:call-template>
	</h2>
</xsl:template>

<xsl:template name="footer">
	<xsl:value-of select="$n"/>
	<footer class="footer">
		<p>
			<xsl:text>Written by cpis </xsl:text>
			<xsl:value-of select="@tool"/>
			<xsl:if test="@date">
				<xsl:text> on </xsl:text>
				<xsl:call-template name="date"/>
			</xsl:if>
			<xsl:text>. This report is one file: keep it, print it or send it as it is.</xsl:text>
		</p>
		<p><a href="#main">Back to the verdict</a></p>
	</footer>
</xsl:template>

<xsl:template match="r:message" mode="name">
	<a href="#m-{@n}"><xsl:value-of select="@source"/></a>
</xsl:template>

<xsl:template match="r:case" mode="name">
	<xsl:param name="name" select="@id"/>
	<a href="#c-{@n}"><xsl:value-of select="$name"/></a>
</xsl:template>

<!-- How many findings a rule has, listed or not. -->
<xsl:template name="total">
	<xsl:param name="id" select="@id"/>
	<xsl:variable name="known" select="substring-before(substring-after($totals, concat(' ', $id, '=')), ' ')"/>
	<xsl:choose>
		<xsl:when test="$known"><xsl:value-of select="$known"/></xsl:when>
		<xsl:otherwise>0</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="more">
	<xsl:param name="count"/>
	<xsl:param name="noun"/>
	<xsl:if test="$count > 0">
		<xsl:value-of select="$n"/>
		<p class="more">
			<xsl:text>And </xsl:text>
			<xsl:call-template name="plural">
				<xsl:with-param name="count" select="$count"/>
				<xsl:with-param name="noun" select="concat('more ', $noun)"/>
			</xsl:call-template>
			<xsl:text>: see the results document (</xsl:text>
			<code>--report xml=results.xml</code>
			<xsl:text>).</xsl:text>
		</p>
	</xsl:if>
</xsl:template>

<!-- The anchor of a finding: its fingerprint, which for the page has its place in it if it is not the first of its kind. -->
<xsl:template name="finding-id">
	<xsl:choose>
		<xsl:when test="not(@fingerprint)">
			<xsl:value-of select="concat('f-', ../@n, '-', @n)"/>
		</xsl:when>
		<xsl:otherwise>
			<xsl:value-of select="concat('f-', @fingerprint)"/>
		</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- "line 41, column 24" -->
<xsl:template name="place">
	<xsl:choose>
		<xsl:when test="@line">
			<xsl:text>line </xsl:text>
			<xsl:value-of select="@line"/>
			<xsl:if test="@column">
				<xsl:text>, column </xsl:text>
				<xsl:value-of select="@column"/>
			</xsl:if>
		</xsl:when>
		<xsl:otherwise>the whole message</xsl:otherwise>
	</xsl:choose>
</xsl:template>

</xsl:stylesheet>
